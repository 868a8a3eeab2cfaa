import Synchronization

/// A workbook on its way to whoever asked for it: rows go to the disk as they come, so that memory does not grow with them.
///
/// All functions block and compute: call them where that is allowed, one at a time. A writer that is not finished leaves
/// nothing behind.
public final class WorkbookWriter: Sendable {
    /// Nil when it is finished.
    private let workbook: Mutex<OpenWorkbook?>

    /// - Parameter folder: where the file lies, without a name, for as long as it is needed; the system's own for such files if nil
    /// - Throws: ``SpreadsheetError``
    public init(folder: String? = nil) throws(SpreadsheetError) {
        let folder = folder ?? SheetFile.temporaryFolder
        self.workbook = Mutex(try OpenWorkbook(try SheetFile(in: folder), folder: folder))
    }

    /// Adds a sheet with its headings.
    ///
    /// - Returns: its number, for ``append(_:to:)``
    public func addSheet(_ name: String, _ columns: [SheetColumn]) throws(SpreadsheetError) -> Int {
        try self.locked { workbook throws(SpreadsheetError) in try workbook.addSheet(name, columns) }
    }

    /// Writes rows below those that are there.
    ///
    /// - Parameter rows: each has a text for each column, as PostgreSQL writes it, or nil
    public func append(_ rows: [[String?]], to sheet: Int) throws(SpreadsheetError) {
        try self.locked { workbook throws(SpreadsheetError) in
            for row in rows { try workbook.append(row, to: sheet) }
        }
    }

    /// Writes the file; nothing more can be done afterwards.
    public func finish() throws(SpreadsheetError) -> SheetFile {
        try self.workbook.withLock { open throws(SpreadsheetError) in
            guard let workbook = open.take() else { throw Self.finished }
            try workbook.close()
            return workbook.file
        }
    }

    private func locked<Value: Sendable>(_ body: (OpenWorkbook) throws(SpreadsheetError) -> Value) throws(SpreadsheetError)
        -> Value
    {
        try self.workbook.withLock { open throws(SpreadsheetError) in
            guard let workbook = open else { throw Self.finished }
            return try body(workbook)
        }
    }

    private static let finished = SpreadsheetError(.writing, "the workbook is finished already")
}
