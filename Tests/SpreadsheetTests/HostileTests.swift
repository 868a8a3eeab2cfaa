import Spreadsheet
import Testing

@Suite("Workbooks that are none, are damaged, or mean harm")
struct HostileTests {
    private static let row = #"<row><c t="str"><v>x</v></c></row>"#

    private static func code(_ bytes: [UInt8], limits: SheetLimits = SheetLimits()) -> SpreadsheetError.Code? {
        do throws(SpreadsheetError) {
            let reader = try WorkbookReader(bytes, limits: limits)
            _ = try reader.opening()
            while try reader.next(atLeast: 100) != nil {}
            return nil
        } catch {
            return error.code
        }
    }

    private static func code(_ change: (inout HandMade) -> Void) -> SpreadsheetError.Code? {
        var book = HandMade(rows: self.row)
        change(&book)
        return self.code(book.bytes)
    }

    @Test("the first bytes tell what a file is")
    func magic() {
        #expect(Self.code([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1] + [UInt8](repeating: 0, count: 504)) == .oldFormat)
        for text in ["", "PK", "Ім'я;Телефон\n", "%PDF-1.7", "<html>", "PK\u{05}\u{06}" + String(repeating: "\0", count: 18)] {
            #expect(Self.code(Array(text.utf8)) == .notAWorkbook, "\(text)")
        }
        #expect(Self.code(Array("PK\u{03}\u{04} and nothing like it".utf8)) == .broken)
    }

    @Test("a ZIP of other things is no workbook")
    func otherZips() {
        var zip = ZipMaker()
        zip.add("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        zip.add("content.xml", "<x/>")
        #expect(Self.code(zip.archive) == .notAWorkbook)
        var nested = ZipMaker()
        nested.add("inner.zip", String(decoding: HandMade(rows: Self.row).bytes, as: UTF8.self))
        #expect(Self.code(nested.archive) == .notAWorkbook)
        #expect(
            Self.code { $0.contentTypes = $0.contentTypes.replacing("spreadsheetml.sheet", with: "wordprocessingml.document") }
                == .notAWorkbook
        )
        #expect(Self.code { $0.root = $0.root.replacing("xl/workbook.xml", with: "xl/none.xml") } == .notAWorkbook)
    }

    @Test("macros are refused under any name")
    func macros() {
        let type = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
        #expect(Self.code { $0.contentTypes = $0.contentTypes.replacing(HandMade.sheetType, with: type) } == .macros)
        #expect(
            Self.code {
                $0.contentTypes = $0.contentTypes.replacing(
                    "</Types>",
                    with: #"<Override PartName="/xl/vbaProject.bin" ContentType="application/vnd.ms-office.vbaProject"/></Types>"#
                )
            } == .macros
        )
    }

    static let doctypes = [
        #"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>"#,
        #"<!DOCTYPE x SYSTEM "file:///etc/passwd">"#, #"<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/x"> %p;]>"#,
        "<!DOCTYPE x>",
    ]

    @Test("no part may declare a document type, and so no entity", arguments: doctypes)
    func entities(doctype: String) {
        #expect(
            Self.code { $0.sheet = doctype + HandMade.sheet(#"<row><c t="str"><v>&b;</v></c></row>"#).dropFirst(38) } == .entities
        )
        #expect(Self.code { $0.strings = doctype + "<sst><si><t>&b;</t></si></sst>" } == .entities)
        #expect(Self.code { $0.styles = doctype + "<styleSheet/>" } == .entities)
        #expect(Self.code { $0.workbook = doctype + $0.workbook } == .entities)
        #expect(Self.code { $0.contentTypes = doctype + $0.contentTypes } == .entities)
        #expect(Self.code { $0.root = doctype + $0.root } == .entities)
    }

    @Test(
        "names that lead out of the package are refused",
        arguments: [
            "../../etc/cron.d/x", "/etc/passwd", "xl/../../x", #"..\..\x"#, #"C:\x"#,
        ]
    )
    func paths(name: String) {
        #expect(Self.code { $0.more = [(name, "x")] } == .paths)
    }

    @Test("two files of one name, whatever their case, are refused")
    func duplicates() {
        #expect(Self.code { $0.more = [("XL/worksheets/Sheet1.xml", "<worksheet/>")] } == .paths)
        #expect(
            Self.code { $0.relationships = $0.relationships.replacing("worksheets/sheet1.xml", with: "../../../x.xml") }
                == .paths
        )
    }

    @Test("encrypted files are refused")
    func encrypted() {
        var zip = ZipMaker()
        zip.add("[Content_Types].xml", "x", flags: 1)
        #expect(Self.code(zip.archive) == .encrypted)
    }

    @Test("more rows, cells, text, files or bytes than the limits allow are refused")
    func limits() {
        var limits = SheetLimits()
        limits.rows = 100
        let rows = (1...113).map { _ in Self.row }
        #expect(Self.code(HandMade(rows: rows.dropLast().joined()).bytes, limits: limits) == nil)
        #expect(Self.code(HandMade(rows: rows.joined()).bytes, limits: limits) == .tooManyRows)
        limits = SheetLimits()
        limits.cells = 50
        #expect(Self.code(HandMade(rows: rows.joined()).bytes, limits: limits) == .tooLarge)
        limits = SheetLimits()
        limits.sheetBytes = 1_000
        #expect(Self.code(HandMade(rows: rows.joined()).bytes, limits: limits) == .tooLarge)
        limits = SheetLimits()
        limits.entries = 4
        #expect(Self.code(HandMade(rows: Self.row).bytes, limits: limits) == .hostile)
        limits = SheetLimits()
        limits.sharedTextBytes = 100
        var book = HandMade(rows: Self.row)
        book.strings = "<sst><si><t>\(String(repeating: "x", count: 101))</t></si></sst>"
        #expect(Self.code(book.bytes, limits: limits) == .tooLarge)
        let long = String(repeating: "x", count: 140_000)
        #expect(Self.code(HandMade(rows: "<row><c t=\"str\"><v>\(long)</v></c></row>").bytes) == .tooLarge)
    }

    @Test("a long text that cells share is refused when they have it too often, in a row, at once, or in all")
    func repeatedText() {
        let long = String(repeating: "_x_", count: 30_000)
        func code(rows: Int, cells: Int, _ change: (inout SheetLimits) -> Void = { _ in }) -> SpreadsheetError.Code? {
            let row = "<row>" + String(repeating: #"<c t="s"><v>0</v></c>"#, count: cells) + "</row>"
            var book = HandMade(rows: String(repeating: row, count: rows))
            book.strings = "<sst><si><t>\(long)</t></si></sst>"
            var limits = SheetLimits()
            change(&limits)
            return Self.code(book.bytes, limits: limits)
        }
        #expect(code(rows: 2, cells: 40) == nil)
        #expect(code(rows: 1, cells: 50) == .tooLarge)
        #expect(code(rows: 500, cells: 1) == nil)
        #expect(code(rows: 500, cells: 1) { $0.waitingTextBytes = 1 << 20 } == .tooLarge)
        #expect(code(rows: 500, cells: 1) { $0.textBytes = 40 << 20 } == .tooLarge)
    }

    @Test("rows that are large are handed out before there are as many as were asked for")
    func portions() throws {
        let cell = #"<c t="str"><v>\#(String(repeating: "x", count: 100_000))</v></c>"#
        let book = HandMade(rows: String(repeating: "<row>\(cell)</row>", count: 30))
        var limits = SheetLimits()
        limits.waitingTextBytes = 1 << 20
        let reader = try WorkbookReader(book.bytes, limits: limits)
        var counts: [Int] = []
        while let rows = try reader.next(atLeast: 1_000) { counts.append(rows.count) }
        #expect(counts.reduce(0, +) == 30)
        #expect(counts.allSatisfy { $0 <= 12 }, "\(counts)")
    }

    @Test("cells of a row stand from left to right, and none twice")
    func cellOrder() {
        func code(_ names: String...) -> SpreadsheetError.Code? {
            let cells = names.map { "<c\($0.isEmpty ? "" : " r=\"\($0)\"")><v>1</v></c>" }.joined()
            return Self.code(HandMade(rows: "<row r=\"1\">\(cells)</row>").bytes)
        }
        #expect(code("A1", "C1", "", "E1") == nil)
        #expect(code("A1", "A1") == .broken)
        #expect(code("B1", "A1") == .broken)
        #expect(code("A1", "", "B1") == .broken)
    }

    @Test("rows stand from top to bottom, and none twice")
    func rowOrder() {
        func code(_ numbers: Int?...) -> SpreadsheetError.Code? {
            let rows = numbers.map { "<row\($0.map { " r=\"\($0)\"" } ?? "")><c><v>1</v></c></row>" }.joined()
            return Self.code(HandMade(rows: rows).bytes)
        }
        #expect(code(1, 3, nil, 5) == nil)
        #expect(code(2, 2) == .broken)
        #expect(code(3, 2) == .broken)
        #expect(code(3, nil, 4) == .broken)
    }

    @Test("deep XML, endless tags and rows out of range are refused")
    func shapes() {
        let deep = String(repeating: "<a>", count: 100) + String(repeating: "</a>", count: 100)
        #expect(Self.code(HandMade(rows: Self.row, tail: deep).bytes) == .hostile)
        let tag = "<row a=\"" + String(repeating: "x", count: 3 << 20) + "\"/>"
        #expect(Self.code(HandMade(rows: tag).bytes) == .hostile)
        for bad in [
            #"<row r="0"/>"#, #"<row r="1048577"/>"#, #"<row r="x"/>"#, #"<row><c r="A0"/></row>"#, #"<row><c r="ZZZZ1"/></row>"#,
        ] {
            #expect(Self.code(HandMade(rows: bad).bytes) == .broken, "\(bad)")
        }
        #expect(Self.code(HandMade(rows: "<row/>").bytes) == .noSheet)
        #expect(Self.code(HandMade(rows: "<row>").bytes) == .broken)
    }

    @Test("a file that says it is larger inside than it can be is refused")
    func declared() {
        var zip = ZipMaker()
        zip.add("xl/media/image.bmp", "x", declaredSize: 900 << 20)
        #expect(Self.code(zip.archive) == .bomb)
    }

    @Test("cut off or with flipped bits a workbook is refused or read, and nothing breaks", arguments: 0..<4)
    func damage(part: Int) throws {
        var book = HandMade(
            rows: (1...50).map { "<row r=\"\($0)\"><c r=\"A\($0)\" t=\"s\"><v>0</v></c><c s=\"1\"><v>46159</v></c></row>" }
                .joined()
        )
        book.strings = "<sst><si><t>Олена</t></si></sst>"
        book.styles = "<styleSheet><cellXfs><xf/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
        let bytes = book.bytes
        #expect(Self.code(bytes) == nil)
        var random = SystemRandomNumberGenerator()
        var refused = 0
        for _ in 0..<400 {
            var damaged = bytes
            if part == 0 {
                damaged.removeSubrange(Int.random(in: 0..<damaged.count, using: &random)...)
            } else {
                for _ in 0..<part * part {
                    damaged[Int.random(in: 0..<damaged.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                }
            }
            if Self.code(damaged) != nil { refused += 1 }
        }
        #expect(refused > (part == 0 ? 390 : 250))
    }
}
