import JSON
import Spreadsheet

/// A column of a kind of row: what it is called in the API and in workbooks, those that go out and those that come in.
struct SheetField: Sendable {
    /// What stands in its cells.
    enum Form: Sendable {
        case text
        /// Text; a number of nine digits is one that lost its zero.
        case phone
        case number
        case money
        case date
        case moment
        /// A word of the API, and the workbook's words for it: the first is written, all are understood.
        case words([String: [String]])
        /// Yes or no.
        case flag
    }

    /// Of the API.
    let name: String
    /// Of the workbook.
    let heading: String
    let form: Form
    let width: Int
    /// What else its heading may be.
    var others: [String] = []
    /// Whether it is read from workbooks, and not computed.
    var isImported = true

    init(_ name: String, _ heading: String, _ form: Form = .text, width: Int = 16, others: [String] = [], isImported: Bool = true)
    {
        (self.name, self.heading, self.form, self.width) = (name, heading, form, width)
        (self.others, self.isImported) = (others, isImported)
    }

    static let flags = ["true": ["так", "yes", "1", "+", "true"], "false": ["ні", "no", "0", "-", "false"]]

    // MARK: out

    var column: SheetColumn {
        let kind: ColumnKind =
            switch self.form {
            case .text, .phone, .words, .flag: .text
            case .number: .number
            case .money: .money
            case .date: .date
            case .moment: .moment
            }
        return SheetColumn(self.heading, kind, width: self.width)
    }

    /// - Parameter text: of the API
    func written(_ text: String?) -> String? {
        guard let text else { return nil }
        switch self.form {
        case .words(let words): return words[text]?.first ?? text
        case .flag: return Self.flags[text]?.first ?? text
        default: return text
        }
    }

    // MARK: in

    /// Headings that mean this column, ``folded(_:)``: the workbook's own, the API's, and others that people use.
    var meanings: Set<String> { Set(([self.heading, self.name] + self.others).map(Self.folded)) }

    /// Letters' case, kinds of apostrophe and what stands around the words do not matter.
    static func folded(_ text: String) -> String {
        let text = text.lowercased().filter { !"'’ʼ`´‘*:".contains($0) }
        return text.split { $0.isWhitespace || $0 == "_" || $0 == "-" }.joined(separator: " ")
    }

    /// A cell as a body of the API would have it; what cannot be understood stays text, for the validation to refuse.
    ///
    /// - Returns: nil for an empty cell
    func value(of cell: SheetCell?) -> JSONValue? {
        guard let cell else { return nil }
        let text = Self.text(of: cell)
        switch self.form {
        case .text, .moment:
            return .string(text)
        case .phone:
            if case .number(let digits) = cell, digits.utf8.count == 9 { return .string("0" + digits) }
            return .string(text)
        case .number, .money:
            return Self.number(text)
        case .date:
            if case .date(let date) = cell { return .string(date.dateText) }
            return .string(Self.dayFirst(text) ?? text)
        case .words(let words):
            let folded = Self.folded(text)
            return .string(words.first { $0.key == folded || $0.value.contains(folded) }?.key ?? text)
        case .flag:
            let folded = text.trimmed.lowercased()
            return Self.flags.first { $0.value.contains(folded) }.map { .bool($0.key == "true") } ?? .string(text)
        }
    }

    private static func text(of cell: SheetCell) -> String {
        switch cell {
        case .text(let text), .number(let text), .error(let text): text
        case .date(let date): date.dateText
        case .bool(let value): value ? "true" : "false"
        }
    }

    /// `1 234,50 ₴` and `5%` are numbers to people.
    private static func number(_ text: String) -> JSONValue {
        var digits = text.filter { !$0.isWhitespace && $0 != "\u{202F}" && $0 != "₴" && $0 != "%" }
        if digits.lowercased().hasSuffix("грн") { digits.removeLast(3) }
        if digits.lowercased().hasSuffix("грн.") { digits.removeLast(4) }
        // Of points and commas the last is before the fraction; the other kind groups.
        let mark = digits.last { $0 == "." || $0 == "," }
        digits = digits.filter { $0 == mark || $0 != "." && $0 != "," }.replacing(",", with: ".")
        guard let value = try? JSONValue(parsing: digits), value.number != nil else { return .string(text) }
        return value
    }

    /// `17.05.2026` and `17/05/2026`, as people write days here.
    private static func dayFirst(_ text: String) -> String? {
        let parts = text.trimmed.split(omittingEmptySubsequences: false) { $0 == "." || $0 == "/" }
        guard parts.count == 3, parts[2].utf8.count == 4, parts.allSatisfy({ $0.allSatisfy(\.isNumber) }) else { return nil }
        return "\(parts[2])-\(parts[1])-\(parts[0])"
    }
}
