/// Why a workbook cannot be read or written. It never holds what is in the workbook.
public struct SpreadsheetError: Error, Sendable, Hashable {
    /// The kind of failure, to switch on.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Kind: String, Sendable {
            case notAWorkbook, oldFormat, encrypted, macros, broken, bomb, entities, paths, hostile, tooLarge, tooManyRows,
                sheetFull,
                noSheet
            case writing, outOfResources
        }

        private let kind: Kind

        /// No .xlsx file at all, or a file of another kind under its name.
        public static let notAWorkbook = Code(kind: .notAWorkbook)
        /// An OLE2 container: an .xls file, or an .xlsx file behind a password.
        public static let oldFormat = Code(kind: .oldFormat)
        /// Its parts are encrypted.
        public static let encrypted = Code(kind: .encrypted)
        /// A workbook with macros, whatever its name says.
        public static let macros = Code(kind: .macros)
        /// Damaged: the ZIP, a checksum, or the XML.
        public static let broken = Code(kind: .broken)
        /// Larger inside than anything that is packed so small can be.
        public static let bomb = Code(kind: .bomb)
        /// XML that declares a document type, and with it entities.
        public static let entities = Code(kind: .entities)
        /// Files whose names lead out of it, or that are there twice.
        public static let paths = Code(kind: .paths)
        /// Otherwise made to do harm: deep XML, endless tags, thousands of parts.
        public static let hostile = Code(kind: .hostile)
        /// Larger inside than is read.
        public static let tooLarge = Code(kind: .tooLarge)
        /// More rows than are read.
        public static let tooManyRows = Code(kind: .tooManyRows)
        /// What is written has more rows than a sheet can have.
        public static let sheetFull = Code(kind: .sheetFull)
        /// No sheet that is shown has cells.
        public static let noSheet = Code(kind: .noSheet)
        /// The file could not be written: no space is left, for example.
        public static let writing = Code(kind: .writing)
        /// No memory or descriptor was left.
        public static let outOfResources = Code(kind: .outOfResources)

        /// The code's name.
        public var description: String { self.kind.rawValue }
    }

    /// The kind of failure.
    public let code: Code
    /// One sentence for people.
    public let message: String

    /// More rows than ``SheetLimits`` allow by default, the headings found.
    public static let tooManyRows = SpreadsheetError(.tooManyRows, "it has more than \(SheetLimits().rows) rows")

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

extension SpreadsheetError: CustomStringConvertible {
    /// `code: message`.
    public var description: String { "\(self.code): \(self.message)" }
}
