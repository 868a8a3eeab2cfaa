import Spreadsheet
import Testing

@Suite("Writing workbooks")
struct WritingTests {
    static func written(_ write: (WorkbookWriter) throws -> Void) throws -> [UInt8] {
        let writer = try WorkbookWriter(folder: "/tmp")
        try write(writer)
        let file = try writer.finish()
        return try file.read(at: 0, count: file.size)
    }

    private static let columns = [
        SheetColumn("Ім'я", .text, width: 20), SheetColumn("Знижка", .number, width: 8),
        SheetColumn("Витрачено", .money, width: 12),
        SheetColumn("Дата народження", .date, width: 12), SheetColumn("Додано", .moment, width: 16),
    ]

    @Test("what was written is read again: texts, exact amounts, dates, and nothing where nothing was")
    func roundTrip() throws {
        let long = String(repeating: "ї", count: 40_000)
        let bytes = try Self.written { writer in
            let sheet = try writer.addSheet("Клієнти", Self.columns)
            try writer.append(
                [
                    ["Олена & <Ґанна> \"’\"", "5.5", "9999999999.99", "1990-05-03", "2026-05-17 09:30:00"],
                    ["=1+1", nil, "0.10", nil, "2026-10-25 03:00:59.123"],
                    ["+380501234567", "0.125", "-3.07", "1900-01-01", nil],
                    ["@x\n\tтри \u{1F469}\u{200D}\u{1F527}\u{FFFF}\u{1}", "", "", "", ""], [nil, nil, nil, nil, nil],
                    [long, "x", nil, "x", nil],
                ],
                to: sheet
            )
        }
        let reader = try WorkbookReader(bytes)
        let rows = try reader.opening().rows
        #expect(rows.map(\.number) == [1, 2, 3, 4, 5, 7])
        #expect(rows[0].cells.map(\.value) == Self.columns.map { .text($0.heading) })
        #expect(
            rows[1].cells.map(\.value) == [
                .text("Олена & <Ґанна> \"’\""), .number("5.5"), .number("9999999999.99"),
                .date(try #require(SheetDate(iso: "1990-05-03"))),
                .date(try #require(SheetDate(iso: "2026-05-17 09:30:00"))),
            ]
        )
        #expect(rows[2][0] == .text("=1+1") && rows[2][1] == nil && rows[2][2] == .number("0.1"))
        #expect(rows[2][4] == .date(try #require(SheetDate(iso: "2026-10-25 03:00:59"))))
        #expect(
            rows[3].cells.map(\.value) == [
                .text("+380501234567"), .number("0.125"), .number("-3.07"), .date(try #require(SheetDate(iso: "1900-01-01"))),
            ]
        )
        #expect(rows[4][0] == .text("@x\n\tтри \u{1F469}\u{200D}\u{1F527}\u{FFFD}\u{FFFD}"))
        #expect(rows[5][0] == .text(String(long.prefix(32_767))))
        #expect(rows[5][1] == .text("x") && rows[5][3] == .text("x"), "what is not of its kind stays text")
    }

    @Test("several sheets, and one without rows")
    func sheets() throws {
        let bytes = try Self.written { writer in
            let first = try writer.addSheet("Перший", Self.columns)
            let second = try writer.addSheet("Другий", [SheetColumn("А", .text, width: 5)])
            try writer.append([["а"]], to: second)
            #expect((first, second) == (0, 1))
        }
        #expect(try WorkbookReader(bytes).opening().count == 1)
    }

    @Test("a file is read in parts, and a writer that is let go leaves none")
    func parts() throws {
        let writer = try WorkbookWriter(folder: "/tmp")
        let sheet = try writer.addSheet("S", Self.columns)
        try writer.append((0..<1_000).map { ["\($0)", "\($0)", nil, nil, nil] }, to: sheet)
        let file = try writer.finish()
        var bytes: [UInt8] = []
        while bytes.count < file.size { bytes += try file.read(at: bytes.count, count: 1_000) }
        #expect(bytes == (try file.read(at: 0, count: file.size + 10)))
        #expect(try file.read(at: file.size, count: 10).isEmpty)
        #expect(try WorkbookReader(bytes).opening().count == 1_001)
        #expect(throws: SpreadsheetError.self) { try writer.append([], to: sheet) }
        _ = try WorkbookWriter(folder: "/tmp").addSheet("S", Self.columns)
    }

    @Test("a folder that is not there is said to be none")
    func noFolder() {
        let error = #expect(throws: SpreadsheetError.self) { try WorkbookWriter(folder: "/tmp/no such folder") }
        #expect(error?.code == .writing)
    }
}
