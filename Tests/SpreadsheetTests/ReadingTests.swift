import Spreadsheet
import Testing

@Suite("Reading workbooks")
struct ReadingTests {
    static func rows(_ book: HandMade, limits: SheetLimits = SheetLimits()) throws -> [SheetRow] {
        let reader = try WorkbookReader(book.bytes, limits: limits)
        _ = try reader.opening()
        var rows: [SheetRow] = []
        while let more = try reader.next(atLeast: 1) { rows += more }
        return rows
    }

    /// The 17th of May 2026.
    private static func day(_ second: Int = 0) -> SheetCell? {
        SheetDate(year: 2026, month: 5, day: 17, second: second).map { .date($0) }
    }

    static func cell(_ xml: String, styles: String? = nil, strings: String? = nil) throws -> SheetCell? {
        var book = HandMade(rows: "<row r=\"1\">\(xml)<c r=\"B1\" t=\"str\"><v>x</v></c></row>")
        book.styles = styles
        book.strings = strings
        return try self.rows(book).first?[0]
    }

    @Test(
        "a cell is what its type says",
        arguments: [
            (#"<c r="A1"><v>380501234567</v></c>"#, .number("380501234567")),
            (#"<c r="A1"><v>3.80501234567E11</v></c>"#, .number("380501234567")),
            (#"<c r="A1" t="n"><v>1234.5600000000002</v></c>"#, .number("1234.56")),
            (#"<c r="A1" t="b"><v>1</v></c>"#, .bool(true)),
            (#"<c r="A1" t="e"><v>#N/A</v></c>"#, .error("#N/A")),
            (#"<c r="A1" t="str"><f>1+"x"</f><v>formula's text</v></c>"#, .text("formula's text")),
            (#"<c r="A1" t="inlineStr"><is><t>in line</t></is></c>"#, .text("in line")),
            (
                #"<c r="A1" t="inlineStr"><is><r><rPr><b/></rPr><t>ri</t></r><r><t xml:space="preserve">ch </t></r></is></c>"#,
                .text("rich ")
            ),
            (#"<c r="A1" t="inlineStr"><is><t>漢字</t><rPh sb="0" eb="1"><t>かんじ</t></rPh></is></c>"#, .text("漢字")),
            (#"<c r="A1" t="str"><v>a_x000D_b_x005F_c_xZZZZ_</v></c>"#, .text("a\rb_c_xZZZZ_")),
            (#"<c r="A1" t="d"><v>2026-05-17T09:30:00</v></c>"#, Self.day(34_200)),
            (#"<c r="A1" t="str"><v>a &amp; b &lt; c &#1030;</v></c>"#, .text("a & b < c І")),
            (#"<c r="A1" s="5"/>"#, nil), (#"<c r="A1"><v></v></c>"#, nil), (#"<c r="A1" t="str"><v>  </v></c>"#, nil),
        ] as [(String, SheetCell?)]
    )
    func types(xml: String, expected: SheetCell?) throws {
        #expect(try Self.cell(xml) == expected)
    }

    @Test("shared texts are found by number, rich ones put together, reading aids left out")
    func sharedStrings() throws {
        let strings = """
            <sst xmlns="\(HandMade.main)"><si><t>first</t></si><si><r><t>two </t></r><r><rPr><b/></rPr><t>runs</t></r></si>\
            <si><t>漢字</t><rPh sb="0" eb="1"><t>かんじ</t></rPh><phoneticPr fontId="1"/></si><si/></sst>
            """
        for (index, text) in ["first", "two runs", "漢字"].enumerated() {
            #expect(try Self.cell("<c r=\"A1\" t=\"s\"><v>\(index)</v></c>", strings: strings) == .text(text))
        }
        #expect(try Self.cell("<c r=\"A1\" t=\"s\"><v>3</v></c>", strings: strings) == nil)
        let error = #expect(throws: SpreadsheetError.self) { try Self.cell("<c r=\"A1\" t=\"s\"><v>4</v></c>", strings: strings) }
        #expect(error?.code == .broken)
    }

    @Test(
        "a number is a date if its format says so",
        arguments: [
            (14, nil, true), (22, nil, true), (0, nil, false), (4, nil, false), (49, nil, false),
            (164, "dd\\.mm\\.yyyy", true), (164, "[$-422]d mmmm yyyy\" р.\";@", true), (164, "#,##0.00\" days\"", false),
            (164, "0.0\"%\"", false), (164, "[Red]0.0", false), (164, "[h]:mm", true), (164, "General", false),
            (164, "0\\d", false),
        ] as [(Int, String?, Bool)]
    )
    func dateFormats(id: Int, code: String?, isDate: Bool) throws {
        let styles = Self.styles(id, code)
        let cell = try Self.cell(#"<c r="A1" s="1"><v>46159</v></c>"#, styles: styles)
        #expect(cell == (isDate ? Self.day() : .number("46159")))
        #expect(try Self.cell(#"<c r="A1" s="0"><v>46159</v></c>"#, styles: styles) == .number("46159"))
    }

    @Test(
        "a number that shows as percents is what it shows",
        arguments: [(9, nil), (10, nil), (164, "0.0%"), (164, "0%;[Red]-0%"), (164, "[>1]0%")] as [(Int, String?)]
    )
    func percents(id: Int, code: String?) throws {
        let styles = Self.styles(id, code)
        for (kept, shown) in [("0.05", "5"), ("7.0000000000000007E-2", "7"), ("0.075", "7.5"), ("1", "100"), ("0", "0")] {
            #expect(try Self.cell("<c r=\"A1\" s=\"1\"><v>\(kept)</v></c>", styles: styles) == .number(shown))
            #expect(try Self.cell("<c r=\"A1\" s=\"0\"><v>\(kept)</v></c>", styles: styles) != .number(shown) || kept == "0")
        }
    }

    /// Style 1 has this format.
    private static func styles(_ id: Int, _ code: String?) -> String {
        let formats = code.map { code in
            let code = code.replacing("\"", with: "&quot;").replacing(">", with: "&gt;")
            return "<numFmts><numFmt numFmtId=\"164\" formatCode=\"\(code)\"/></numFmts>"
        }
        return """
            <styleSheet xmlns="\(HandMade.main)">\(formats ?? "")<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>\
            <cellXfs><xf numFmtId="0"/><xf numFmtId="\(id)"/></cellXfs></styleSheet>
            """
    }

    @Test("a workbook of the Macintosh counts from 1904")
    func since1904() throws {
        var book = HandMade(rows: #"<row><c s="0"><v>44697.395833333336</v></c></row>"#)
        book.styles = "<styleSheet xmlns=\"\(HandMade.main)\"><cellXfs><xf numFmtId=\"22\"/></cellXfs></styleSheet>"
        book.workbook = book.workbook.replacing("<sheets>", with: "<workbookPr date1904=\"1\"/><sheets>")
        #expect(try Self.rows(book).first?[0] == Self.day(34_200))
    }

    @Test("cells and rows may be missing, and need not be numbered")
    func sparse() throws {
        let rows = try Self.rows(
            HandMade(
                rows: """
                    <row r="3"><c r="C3"><v>1</v></c><c r="AA3"><v>2</v></c></row><row r="5"/><row><c r="A6" s="1"/></row>\
                    <row><c><v>3</v></c><c/><c><v>4</v></c></row><row r="1000000"><c r="B1000000"><v>5</v></c><c r="XFD1000000"><v>9</v></c></row>
                    """
            )
        )
        #expect(rows.map(\.number) == [3, 7, 1_000_000])
        #expect(rows[0].cells.map(\.column) == [2, 26])
        #expect(rows[1][0] == .number("3") && rows[1][1] == nil && rows[1][2] == .number("4"))
        #expect(rows[2].cells.map(\.column) == [1], "far columns are not looked at")
    }

    @Test("prefixes, other namespaces and unknown elements do not matter")
    func prefixes() throws {
        var book = HandMade(rows: "")
        book.sheet = """
            <x:worksheet xmlns:x="http://purl.oclc.org/ooxml/spreadsheetml/main" xmlns:e="urn:e"><x:sheetViews/><x:cols><x:col/></x:cols>\
            <x:sheetData><x:row e:r="9" r="2"><x:c r="A2" t="inlineStr"><e:v>no</e:v><x:is><x:t>yes</x:t></x:is>\
            <x:extLst><x:ext><v>no</v></x:ext></x:extLst></x:c></x:row></x:sheetData><x:row><x:c><x:v>7</x:v></x:c></x:row></x:worksheet>
            """
        book.sheet = book.sheet.replacing("<e:v>no</e:v>", with: "<e:w><x:v>no</x:v></e:w>").replacing("e:r=\"9\" ", with: "")
        let rows = try Self.rows(book)
        #expect(rows.count == 1)
        #expect(rows.first?[0] == .text("yes"))
    }

    @Test("the first sheet that is shown is read, wherever its file lies")
    func sheets() throws {
        var book = HandMade(rows: #"<row><c><v>1</v></c></row>"#)
        book.second = HandMade.sheet(#"<row><c><v>2</v></c></row>"#)
        for state in ["hidden", "veryHidden"] {
            book.workbook = """
                <workbook xmlns="\(HandMade.main)" xmlns:r="\(HandMade.office)"><sheets><sheet name="H" r:id="rId1" state="\(state)"/>\
                <sheet name="V" r:id="rId2"/></sheets></workbook>
                """
            #expect(try Self.rows(book).first?[0] == .number("2"))
        }
        book.second = nil
        let error = #expect(throws: SpreadsheetError.self) { try Self.rows(book) }
        #expect(error?.code == .noSheet)
    }

    @Test("merged cells of the headings are known when the sheet has been read")
    func merged() throws {
        let book = HandMade(
            rows: #"<row><c t="str"><v>title</v></c></row>"#,
            tail: #"<mergeCells><mergeCell ref="A1:C2"/><mergeCell ref="A200:C200"/><mergeCell ref="B2"/></mergeCells>"#
        )
        let merged = try WorkbookReader(book.bytes).opening().merged
        #expect(merged.map(\.rows) == [1...2])
        #expect(merged.map(\.columns) == [0...2])
    }

    @Test("a sheet is read as often as it is asked for, in portions")
    func portions() throws {
        let rows = (1...5_000).map { "<row r=\"\($0)\"><c><v>\($0)</v></c></row>" }.joined()
        let reader = try WorkbookReader(HandMade(rows: rows).bytes)
        for _ in 0..<2 {
            #expect(try reader.opening().count == 5_000)
            var seen: [Int] = []
            while let more = try reader.next(atLeast: 200) { seen += more.map(\.number) }
            #expect(seen == Array(1...5_000))
        }
    }

    @Test(
        "values: serial days, both systems",
        arguments: [
            (1, "1900-01-01"), (59, "1900-02-28"), (60, "1900-02-28"), (61, "1900-03-01"), (25_569, "1970-01-01"),
            (36_585, "2000-02-29"),
            (2_958_465, "9999-12-31"),
        ] as [(Double, String)]
    )
    func serials(serial: Double, date: String) {
        #expect(SheetDate(serial: serial, since1904: false)?.dateText == date)
        #expect(SheetDate(serial: max(serial - 1_462, 0), since1904: true)?.dateText == (serial < 1_462 ? "1904-01-01" : date))
    }

    @Test("values: what is no day is none", arguments: [-1, 2_958_466, .infinity, .nan] as [Double])
    func noSerials(serial: Double) {
        #expect(SheetDate(serial: serial, since1904: false) == nil)
    }
}
