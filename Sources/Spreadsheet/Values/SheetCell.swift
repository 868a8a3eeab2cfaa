/// What a cell of a sheet holds, as people see it.
public enum SheetCell: Sendable, Hashable {
    /// Text; a formula's too.
    case text(String)
    /// A number, written out: `380501234567`, `0.5`.
    case number(String)
    /// A number that its format shows as a date.
    case date(SheetDate)
    case bool(Bool)
    /// `#N/A` and its like.
    case error(String)
}

/// A row of a sheet that is not empty.
public struct SheetRow: Sendable, Hashable {
    /// As the sheet counts it, from 1.
    public let number: Int
    /// The cells that hold something, from left to right.
    public private(set) var cells: [(column: Int, value: SheetCell)]

    init(number: Int) {
        self.number = number
        self.cells = []
    }

    mutating func append(_ value: SheetCell, column: Int) {
        self.cells.append((column, value))
    }

    /// A cell by its column, from 0.
    public subscript(column: Int) -> SheetCell? {
        self.cells.first { $0.column == column }?.value
    }

    /// Compares numbers and cells.
    public static func == (left: SheetRow, right: SheetRow) -> Bool {
        left.number == right.number && left.cells.elementsEqual(right.cells) { $0 == $1 }
    }

    /// Hashes numbers and cells.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(self.number)
        for cell in self.cells {
            hasher.combine(cell.column)
            hasher.combine(cell.value)
        }
    }
}

/// Cells of a sheet: both corners, rows from 1 and columns from 0, as they are counted elsewhere here.
public struct SheetArea: Sendable, Hashable {
    /// Of its first and last row.
    public let rows: ClosedRange<Int>
    /// Of its first and last column.
    public let columns: ClosedRange<Int>

    /// Reads `A1:C2`.
    init?(_ text: String) {
        let ends = text.split(separator: ":")
        guard ends.count == 2, let first = CellName(ends[0]), let last = CellName(ends[1]) else { return nil }
        guard first.row <= last.row, first.column <= last.column else { return nil }
        self.rows = first.row...last.row
        self.columns = first.column...last.column
    }
}

/// A cell's name: `AB12`.
struct CellName: Sendable, Hashable {
    /// From 0.
    let column: Int
    /// From 1.
    let row: Int

    init?(_ text: some StringProtocol) {
        var (column, row) = (0, 0)
        var isInRow = false
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z") where !isInRow:
                column = column * 26 + Int(byte - UInt8(ascii: "A")) + 1
                guard column <= SheetLimits.columns else { return nil }
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                isInRow = true
                row = row * 10 + Int(byte - UInt8(ascii: "0"))
                guard row <= SheetLimits.sheetRows else { return nil }
            case UInt8(ascii: "$"):
                continue
            default:
                return nil
            }
        }
        guard column > 0, row > 0 else { return nil }
        (self.column, self.row) = (column - 1, row)
    }
}
