import CXLSXWriter

// The one file that touches libxlsxwriter's pointers. Their one owner here frees them, and none leaves the file.

/// A workbook that is being written, row by row. Not Sendable.
@safe
final class OpenWorkbook {
    @safe
    private struct Sheet {
        let pointer: UnsafeMutablePointer<lxw_worksheet>
        let columns: [SheetColumn]
        var rows: UInt32
    }

    @safe
    private struct Formats {
        let heading: UnsafeMutablePointer<lxw_format>?
        let money: UnsafeMutablePointer<lxw_format>?
        let date: UnsafeMutablePointer<lxw_format>?
        let moment: UnsafeMutablePointer<lxw_format>?
    }

    /// What it is written to. Kept until the workbook is closed: its path is a descriptor's, which may be another file's later.
    let file: SheetFile
    /// Nil when it is closed.
    private var pointer: UnsafeMutablePointer<lxw_workbook>?
    private let formats: Formats
    private var sheets: [Sheet] = []

    /// - Parameters:
    ///   - file: where it goes
    ///   - folder: where rows wait that have been written
    init(_ file: SheetFile, folder: String) throws(SpreadsheetError) {
        let pointer = unsafe folder.withCString { folder in
            var options = unsafe lxw_workbook_options()
            // Rows go to a file as they come: no more than one is in memory.
            unsafe options.constant_memory = 1
            unsafe options.tmpdir = UnsafeMutablePointer(mutating: folder)
            return unsafe workbook_new_opt(file.path, &options)
        }
        guard let pointer = unsafe pointer else { throw SpreadsheetError(.outOfResources, "no memory is left for the workbook") }
        self.file = file
        unsafe self.pointer = pointer
        func format(_ code: String?) -> UnsafeMutablePointer<lxw_format>? {
            guard let format = unsafe workbook_add_format(pointer) else { return nil }
            if let code { unsafe format_set_num_format(format, code) } else { unsafe format_set_bold(format) }
            return unsafe format
        }
        self.formats = unsafe Formats(
            heading: format(nil),
            money: format("#,##0.00"),
            date: format("dd.mm.yyyy"),
            moment: format("dd.mm.yyyy hh:mm")
        )
    }

    deinit {
        // Nothing else frees all of it; what it writes meanwhile nobody will see.
        if let pointer = unsafe self.pointer { unsafe _ = workbook_close(pointer) }
    }

    /// Adds a sheet with its headings: bold, and in their place when the rows are scrolled.
    ///
    /// - Returns: its number
    func addSheet(_ name: String, _ columns: [SheetColumn]) throws(SpreadsheetError) -> Int {
        guard let pointer = unsafe self.pointer, let sheet = unsafe workbook_add_worksheet(pointer, name) else {
            throw SpreadsheetError(.outOfResources, "no memory or descriptor is left for a sheet")
        }
        for (index, column) in columns.enumerated() {
            unsafe worksheet_set_column(sheet, UInt16(index), UInt16(index), Double(column.width), nil)
            try Self.check(unsafe worksheet_write_string(sheet, 0, UInt16(index), column.heading, self.formats.heading))
        }
        unsafe worksheet_freeze_panes(sheet, 1, 0)
        self.sheets.append(unsafe Sheet(pointer: sheet, columns: columns, rows: 1))
        return self.sheets.count - 1
    }

    /// Writes a row below the others of its sheet.
    func append(_ values: [String?], to sheet: Int) throws(SpreadsheetError) {
        let row = self.sheets[sheet].rows
        for (index, (column, text)) in zip(self.sheets[sheet].columns, values).enumerated() {
            guard let text else { continue }
            try self.write(SheetValue(text, as: column.kind), column.kind, sheet, row, UInt16(index))
        }
        self.sheets[sheet].rows += 1
    }

    private func write(_ value: SheetValue, _ kind: ColumnKind, _ sheet: Int, _ row: UInt32, _ column: UInt16)
        throws(SpreadsheetError)
    {
        let sheet = unsafe self.sheets[sheet].pointer
        switch value {
        case .text(""):
            break
        case .text(let text):
            // By this call even `=1+1` is a text.
            try Self.check(unsafe worksheet_write_string(sheet, row, column, text, nil))
        case .number(let number):
            try Self.check(
                unsafe worksheet_write_number(sheet, row, column, number, kind == .money ? self.formats.money : nil)
            )
        case .date(let date):
            var time = lxw_datetime(
                year: Int32(date.year),
                month: Int32(date.month),
                day: Int32(date.day),
                hour: Int32(date.second / 3_600),
                min: Int32(date.second / 60 % 60),
                sec: Double(date.second % 60)
            )
            let format = unsafe kind == .moment ? self.formats.moment : self.formats.date
            try Self.check(unsafe worksheet_write_datetime(sheet, row, column, &time, format))
        }
    }

    /// Writes the file. Compresses everything, so it takes its time.
    func close() throws(SpreadsheetError) {
        guard let pointer = unsafe self.pointer else { return }
        for sheet in self.sheets {
            unsafe worksheet_autofilter(sheet.pointer, 0, 0, sheet.rows - 1, UInt16(max(sheet.columns.count, 1) - 1))
        }
        unsafe self.pointer = nil
        try Self.check(unsafe workbook_close(pointer))
    }

    private static func check(_ error: lxw_error) throws(SpreadsheetError) {
        switch error {
        case LXW_NO_ERROR:
            return
        case LXW_ERROR_WORKSHEET_INDEX_OUT_OF_RANGE:
            throw SpreadsheetError(.sheetFull, "a sheet has no more rows than \(SheetLimits.sheetRows)")
        default:
            let reason = unsafe lxw_strerror(error).map { unsafe String(cString: $0) } ?? "?"
            throw SpreadsheetError(.writing, "the workbook cannot be written: \(reason)")
        }
    }
}
