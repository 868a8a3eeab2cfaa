import CQREncode
import Glibc

/// A QR code's modules (ISO/IEC 18004), without a border: libqrencode's result, copied.
struct QRSymbol: Sendable, Hashable {
    /// Modules in a row, and rows: 21 to 177.
    let width: Int
    /// Row by row from the top, left to right; true is dark.
    let modules: [Bool]

    /// What still gives modules that are large enough on a screen: version 15 or so.
    static let longestText = 500

    /// Encodes a text's UTF-8 with error correction of level M (15 %), in the smallest version that holds it.
    init(_ text: String) throws(QRError) {
        let bytes = Array(text.utf8)
        guard (1...Self.longestText).contains(bytes.count) else {
            throw QRError(.textLength, "A QR code here holds 1 to \(Self.longestText) bytes, not \(bytes.count)")
        }
        guard let symbol = unsafe QRcode_encodeData(Int32(bytes.count), bytes, 0, QR_ECLEVEL_M) else {
            throw errno == ENOMEM
                ? QRError(.outOfMemory, "libqrencode had no memory left") : QRError(.encoding, "libqrencode refused")
        }
        defer { unsafe QRcode_free(symbol) }
        self.width = Int(unsafe symbol.pointee.width)
        // The lowest bit of a byte says dark; the others tell what kind of module it is.
        self.modules = unsafe UnsafeBufferPointer(start: symbol.pointee.data, count: self.width * self.width).map { $0 & 1 == 1 }
    }

    /// Whether a module is dark; everything around the symbol is light.
    func isDark(column: Int, row: Int) -> Bool {
        guard (0..<self.width).contains(column), (0..<self.width).contains(row) else { return false }
        return self.modules[row * self.width + column]
    }
}
