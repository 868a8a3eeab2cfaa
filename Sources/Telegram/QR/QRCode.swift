import Secrets

/// A QR code as the login page shows it.
public enum QRCode {
    /// Pixels of a module's side.
    private static let scale = 10
    /// Light modules around the symbol; ISO/IEC 18004 asks for four.
    private static let border = 5

    /// A text's QR code as `data:image/png;base64,…`: black on white, 10 pixels a module, a border of 5 modules.
    ///
    /// - Parameter text: 1 to 500 bytes.
    public static func dataURL(of text: String) throws(QRError) -> String {
        "data:image/png;base64," + Base64.encode(try self.png(of: text))
    }

    /// The same as a PNG file.
    static func png(of text: String) throws(QRError) -> [UInt8] {
        let symbol = try QRSymbol(text)
        let side = (symbol.width + 2 * self.border) * self.scale
        return try PNGImage.blackAndWhite(width: side, height: side) { column, row in
            symbol.isDark(column: column / self.scale - self.border, row: row / self.scale - self.border)
        }
    }
}
