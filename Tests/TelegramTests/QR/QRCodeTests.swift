import Foundation
import Support
import Testing

@testable import Telegram

@Suite struct QRCodeTests {
    private static let prefix = "data:image/png;base64,"

    /// The picture that a data URL holds; Foundation's decoder, not ours.
    private static func png(of url: String) throws -> [UInt8] {
        try #require(url.hasPrefix(self.prefix))
        return [UInt8](try #require(Data(base64Encoded: String(url.dropFirst(self.prefix.count)))))
    }

    /// What `zbarimg` reads in a picture. Without the program the test fails: scripts/setup test installs it.
    private static func read(_ png: [UInt8]) throws -> String {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("qr-\(UUID().uuidString).png")
        try Data(png).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try Shell.run(["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", file.path])
    }

    private static func number(_ png: [UInt8], at offset: Int) -> Int {
        png[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
    }

    @Test(arguments: [
        "https://t.me/adelante_crm_bot?start=" + String(repeating: "aZ-_09", count: 7) + "q",
        "http://127.0.0.1:28081/sandbox_bot?start=link_0",
        "x",
        String(repeating: "0123456789", count: 50),
    ])
    func `a reader of QR codes reads the text back`(text: String) throws {
        #expect(try Self.read(Self.png(of: QRCode.dataURL(of: text))) == text + "\n")
    }

    @Test func `the picture has one bit a pixel, ten pixels a module and a border of five`() throws {
        let text = "https://t.me/adelante_crm_bot?start=" + String(repeating: "a", count: 43)
        let symbol = try QRSymbol(text)
        let png = try Self.png(of: QRCode.dataURL(of: text))
        // IHDR (ISO/IEC 15948 section 11.2.2): width, height, bit depth, colour type.
        #expect(png.prefix(8) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
        #expect(Self.number(png, at: 16) == (symbol.width + 10) * 10)
        #expect(Self.number(png, at: 20) == (symbol.width + 10) * 10)
        #expect(png[24] == 1)
        #expect(png.count < 4096)
    }

    @Test func `the symbol has its three corners and nothing around it`() throws {
        let symbol = try QRSymbol("https://t.me/")
        #expect(symbol.modules.count == symbol.width * symbol.width)
        for (column, row) in [(0, 0), (symbol.width - 7, 0), (0, symbol.width - 7)] {
            #expect(
                (0..<7).allSatisfy {
                    symbol.isDark(column: column + $0, row: row) && symbol.isDark(column: column, row: row + $0)
                }
            )
            #expect(!symbol.isDark(column: column + 1, row: row + 1))
        }
        #expect(!symbol.isDark(column: -1, row: 0))
        #expect(!symbol.isDark(column: 0, row: symbol.width))
    }

    @Test(arguments: ["", String(repeating: "a", count: 501)])
    func `a text of the wrong length is refused`(text: String) {
        let error = #expect(throws: QRError.self) { try QRCode.dataURL(of: text) }
        #expect(error?.code == .textLength)
    }
}
