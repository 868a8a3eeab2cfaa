import Synchronization

/// A workbook that somebody sent: its first sheet that is shown, row by row, in memory that does not grow with it.
///
/// Reads .xlsx as Excel, LibreOffice and others write it. Nothing in the file is trusted: ``SheetLimits`` bound what it may
/// cost, and what no spreadsheet program writes is refused. All functions block and compute: call them where that is allowed,
/// one at a time.
public final class WorkbookReader: Sendable {
    private let state: Mutex<State>

    /// What the sheet begins with.
    public struct Opening: Sendable {
        /// The first rows that hold something, a dozen at most.
        public let rows: [SheetRow]
        /// Merged cells near the top.
        public let merged: [SheetArea]
        /// How many rows hold something.
        public let count: Int
    }

    fileprivate struct State {
        let package: WorkbookPackage
        let sheet: String
        let strings: SharedStringsPart
        let styles: StylesPart
        let since1904: Bool
        let limits: SheetLimits
        var stream: SheetStream?
    }

    /// Opens a file.
    ///
    /// - Throws: ``SpreadsheetError``
    public init(_ bytes: [UInt8], limits: SheetLimits = SheetLimits()) throws(SpreadsheetError) {
        self.state = Mutex(try Self.open(bytes, limits))
    }

    /// Reads the whole sheet once and keeps its beginning: a file that is damaged at its end, or has too many rows, is refused
    /// before anything is done with its first row.
    public func opening() throws(SpreadsheetError) -> Opening {
        try self.locked { state throws(SpreadsheetError) in
            let stream = try state.begin()
            var first: [SheetRow] = []
            var count = 0
            while let rows = try stream.next(atLeast: 1_000) {
                first += rows.prefix(max(0, HeadingArea.rows - first.count))
                count += rows.count
            }
            guard count > 0 else { throw SpreadsheetError(.noSheet, "its sheet is empty") }
            state.stream = nil
            return Opening(rows: first, merged: stream.merged, count: count)
        }
    }

    /// The next rows that hold something, from the first one on.
    ///
    /// - Parameter count: how many at least, if there are so many, and if they are not too large to be held at once
    /// - Returns: nil at the end; after that it begins anew
    public func next(atLeast count: Int) throws(SpreadsheetError) -> [SheetRow]? {
        try self.locked { state throws(SpreadsheetError) in
            let stream: SheetStream
            if let begun = state.stream { stream = begun } else { stream = try state.begin() }
            state.stream = stream
            let rows = try stream.next(atLeast: count)
            if rows == nil { state.stream = nil }
            return rows
        }
    }

    private func locked<Value: Sendable>(_ body: (inout State) throws(SpreadsheetError) -> Value) throws(SpreadsheetError)
        -> Value
    {
        try self.state.withLock { state throws(SpreadsheetError) in try body(&state) }
    }

    private static func open(_ bytes: [UInt8], _ limits: SheetLimits) throws(SpreadsheetError) -> sending State {
        var opened = WorkbookPackage?.none
        var failure = SpreadsheetError?.none
        unsafe bytes.withUnsafeBytes { bytes in
            do throws(SpreadsheetError) {
                opened = try unsafe WorkbookPackage(bytes, limits: limits)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        guard let package = opened else { throw SpreadsheetError(.notAWorkbook, "it is no .xlsx file") }
        let (types, root) = (ContentTypes(), Relationships(of: ""))
        guard try package.read("[Content_Types].xml", by: types), try package.read("_rels/.rels", by: root),
            let path = root.first("officeDocument"), package.has(path)
        else { throw SpreadsheetError(.notAWorkbook, "it is a ZIP, and no workbook") }
        try types.check(workbook: path)
        let (workbook, parts) = (WorkbookPart(), Relationships(of: path))
        try package.read(path, by: workbook)
        try package.read(Relationships.path(of: path), by: parts)
        let shown = workbook.sheets.filter { !$0.isHidden }.lazy.compactMap { parts.path(id: $0.relationship) }
        guard let sheet = shown.first(where: { package.has($0) }) else {
            throw SpreadsheetError(.noSheet, "it has no sheet that is shown")
        }
        let (strings, styles) = (SharedStringsPart(limit: limits.sharedTextBytes), StylesPart())
        if let path = parts.first("styles") { try package.read(path, by: styles) }
        if let path = parts.first("sharedStrings") { try package.read(path, limit: 2 * limits.sharedTextBytes, by: strings) }
        return State(
            package: package,
            sheet: sheet,
            strings: strings,
            styles: styles,
            since1904: workbook.since1904,
            limits: limits,
            stream: nil
        )
    }
}

extension WorkbookReader.State {
    fileprivate func begin() throws(SpreadsheetError) -> SheetStream {
        guard let part = try self.package.open(self.sheet, limit: self.limits.sheetBytes) else {
            throw SpreadsheetError(.noSheet, "its sheet is not there")
        }
        let reader = SheetPart(strings: self.strings, styles: self.styles, since1904: self.since1904, limits: self.limits)
        return SheetStream(part, reader, try XMLStream(reader), waitingText: self.limits.waitingTextBytes)
    }
}

/// A sheet that is being read. Not Sendable.
private final class SheetStream {
    private let part: PartStream
    private let reader: SheetPart
    private let xml: XMLStream
    private let waitingText: Int
    private var isAtEnd = false

    init(_ part: PartStream, _ reader: SheetPart, _ xml: XMLStream, waitingText: Int) {
        self.waitingText = waitingText
        self.part = part
        self.reader = reader
        self.xml = xml
    }

    var merged: [SheetArea] { self.reader.merged }

    func next(atLeast count: Int) throws(SpreadsheetError) -> [SheetRow]? {
        while !self.isAtEnd, self.reader.waiting < count, self.reader.waitingText < self.waitingText {
            if let portion = try self.part.next() {
                try self.xml.parse(portion, isLast: false)
            } else {
                try self.xml.parse([], isLast: true)
                self.isAtEnd = true
            }
        }
        let rows = self.reader.takeRows()
        return rows.isEmpty ? nil : rows
    }
}
