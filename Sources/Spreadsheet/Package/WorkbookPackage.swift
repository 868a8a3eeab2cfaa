/// The files of a workbook, in a ZIP that has been looked over. Not Sendable.
final class WorkbookPackage {
    private let archive: ZipArchive
    private let limits: SheetLimits
    private let entries: [String: ZipArchive.Entry]

    /// - Throws: ``SpreadsheetError`` for a file that is no ZIP, or one that no spreadsheet program wrote
    init(_ bytes: UnsafeRawBufferPointer, limits: SheetLimits) throws(SpreadsheetError) {
        try unsafe Self.checkKind(bytes)
        self.limits = limits
        self.archive = try unsafe ZipArchive(bytes, limit: limits.entries)
        guard self.archive.count <= limits.entries else {
            throw SpreadsheetError(.hostile, "it has \(self.archive.count) files inside")
        }
        guard self.archive.entries.count == self.archive.count else {
            throw SpreadsheetError(.broken, "the ZIP's list of files is damaged")
        }
        var entries: [String: ZipArchive.Entry] = [:]
        var total = 0
        for entry in self.archive.entries {
            try Self.check(entry, limits)
            total += min(entry.size, limits.totalBytes)
            guard total <= limits.totalBytes else { throw SpreadsheetError(.bomb, "it holds far more than it can be") }
            // Names are compared without case, as Excel does; of two files of one name a program may read either.
            guard entries.updateValue(entry, forKey: Self.key(entry.name)) == nil else {
                throw SpreadsheetError(.paths, "it has two files of one name inside")
            }
        }
        self.entries = entries
    }

    /// A file's first bytes tell what it is, whatever it is called.
    private static func checkKind(_ bytes: UnsafeRawBufferPointer) throws(SpreadsheetError) {
        if unsafe bytes.starts(with: [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]) {
            throw SpreadsheetError(.oldFormat, "it is an .xls file, or has a password")
        }
        guard unsafe bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) else {
            throw SpreadsheetError(.notAWorkbook, "it is no .xlsx file")
        }
    }

    private static func check(_ entry: ZipArchive.Entry, _ limits: SheetLimits) throws(SpreadsheetError) {
        guard !entry.isEncrypted else { throw SpreadsheetError(.encrypted, "it is encrypted") }
        let parts = entry.name.split(omittingEmptySubsequences: false) { $0 == "/" || $0 == "\\" }
        let leadsOut = parts.contains("..") || parts.first == "" || parts.first?.hasSuffix(":") == true
        guard !leadsOut else { throw SpreadsheetError(.paths, "a file inside has a path that leads out") }
        let isBomb = entry.size > limits.freeBytes && entry.size / limits.ratio > entry.compressedSize
        guard !isBomb else { throw SpreadsheetError(.bomb, "a file inside is packed too tightly to be real") }
    }

    private static func key(_ name: String) -> String { name.lowercased() }

    /// Whether there is such a file.
    func has(_ path: String) -> Bool { self.entries[Self.key(path)] != nil }

    /// Opens a file.
    ///
    /// - Returns: nil if there is none of this path
    func open(_ path: String, limit: Int) throws(SpreadsheetError) -> PartStream? {
        guard let entry = self.entries[Self.key(path)] else { return nil }
        return PartStream(try self.archive.open(entry), compressedSize: entry.compressedSize, limit: limit, self.limits)
    }

    /// Reads a whole file.
    ///
    /// - Returns: whether there is one of this path
    @discardableResult
    func read(_ path: String, limit: Int? = nil, by reader: any PartReader) throws(SpreadsheetError) -> Bool {
        guard let stream = try self.open(path, limit: limit ?? self.limits.partBytes) else { return false }
        let xml = try XMLStream(reader)
        while let portion = try stream.next() { try xml.parse(portion, isLast: false) }
        try xml.parse([], isLast: true)
        return true
    }
}

/// A file of a workbook, portion by portion, whose real size is watched: what the ZIP says of it may be a lie. Not Sendable.
final class PartStream {
    private static let portion = 64 << 10

    private let reader: ZipEntryReader
    private let compressedSize: Int
    private let limit: Int
    private let limits: SheetLimits
    private var buffer = [UInt8](repeating: 0, count: PartStream.portion)
    private var total = 0

    fileprivate init(_ reader: ZipEntryReader, compressedSize: Int, limit: Int, _ limits: SheetLimits) {
        self.reader = reader
        self.compressedSize = compressedSize
        self.limit = limit
        self.limits = limits
    }

    /// - Returns: nil at the end
    func next() throws(SpreadsheetError) -> ArraySlice<UInt8>? {
        let count = try self.reader.read(into: &self.buffer)
        guard count > 0 else { return nil }
        self.total += count
        guard self.total <= self.limit else { throw SpreadsheetError(.tooLarge, "it is larger inside than is read") }
        guard self.total <= self.limits.freeBytes || self.total / self.limits.ratio <= self.compressedSize else {
            throw SpreadsheetError(.bomb, "a file inside is packed too tightly to be real")
        }
        return self.buffer[..<count]
    }
}
