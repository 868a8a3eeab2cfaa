/// What a column's cells hold, which decides how they are shown.
public enum ColumnKind: Sendable, Hashable {
    /// Text, and never a formula, whatever it begins with.
    case text
    /// A number as it is: `5`, `0.125`.
    case number
    /// Two decimals.
    case money
    /// A day.
    case date
    /// A day with hours and minutes.
    case moment
}

/// A column of a sheet that is written.
public struct SheetColumn: Sendable, Hashable {
    /// What stands in its first row.
    public let heading: String
    /// What its cells hold.
    public let kind: ColumnKind
    /// In characters.
    public let width: Int

    /// - Parameters:
    ///   - heading: what stands in its first row
    ///   - kind: what its cells hold
    ///   - width: in characters
    public init(_ heading: String, _ kind: ColumnKind, width: Int) {
        self.heading = heading
        self.kind = kind
        self.width = width
    }
}

/// A value on its way into a cell.
enum SheetValue: Hashable {
    case text(String)
    case number(Double)
    case date(SheetDate)

    /// - Parameter text: as PostgreSQL writes it: `1234.50`, `2026-05-17`, `2026-05-17 09:30:00`. What is not of its kind stays
    ///   text.
    init(_ text: String, as kind: ColumnKind) {
        switch kind {
        case .text:
            self = .text(EscapedText.writable(text))
        case .number, .money:
            if let number = Double(text), number.isFinite {
                self = .number(number)
            } else {
                self = .text(EscapedText.writable(text))
            }
        case .date, .moment:
            self = SheetDate(iso: text).map { .date($0) } ?? .text(EscapedText.writable(text))
        }
    }
}
