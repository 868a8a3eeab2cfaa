/// How much of a workbook is read. A file of ten megabytes can hold a thousand times as much inside.
public struct SheetLimits: Sendable {
    /// What the format itself allows.
    public static let sheetRows = 1_048_576
    static let columns = 16_384
    static let cellCharacters = 32_767

    /// Rows that hold something, besides the headings.
    public var rows = 100_000
    /// Cells that are named in the sheet's file, empty ones too.
    public var cells = 5_000_000
    /// Files in the ZIP.
    public var entries = 2_000
    /// Bytes of the sheet's file.
    public var sheetBytes = 256 << 20
    /// Bytes of all texts that the cells share.
    public var sharedTextBytes = 64 << 20
    /// Bytes of all cells' texts, a shared one counted for each cell that has it.
    public var textBytes = 256 << 20
    /// The same of one row.
    public var rowTextBytes = 4 << 20
    /// The same of rows that are handed out together.
    public var waitingTextBytes = 16 << 20
    /// Bytes of any other file that is read.
    public var partBytes = 16 << 20
    /// Bytes of everything in the ZIP, by its own word.
    public var totalBytes = 1 << 30
    /// How many times larger a file may be inside than in the ZIP, once it is larger than ``freeBytes``.
    public var ratio = 150
    /// What a file may be inflated to whatever its ratio.
    public var freeBytes = 4 << 20
    /// Columns that are looked at, from the left.
    public var readColumns = 256

    /// The defaults of imports.
    public init() {}
}
