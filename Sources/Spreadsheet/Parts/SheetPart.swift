/// A worksheet: gathers rows as they are read, for whoever takes them.
final class SheetPart: PartReader {
    private enum Place { case nowhere, inSheet, inRow, inCell, inValue, inInline, inInlineText }

    private let strings: SharedStringsPart
    private let styles: StylesPart
    private let since1904: Bool
    private let limits: SheetLimits

    private var place = Place.nowhere
    /// Elements inside a cell that mean nothing here.
    private var ignored = 0
    private var isInPhonetic = false
    private var row = SheetRow(number: 0)
    private var column = -1
    private var type = ""
    private var style = 0
    private var hasValue = false
    private var buffer = TextBuffer()
    private var rowNumber = 0
    private var cells = 0
    private var filledRows = 0

    /// Rows that are complete, and not empty.
    private var rows: [SheetRow] = []
    /// Bytes of the texts in them, in the row that is being read, and in the whole sheet until now.
    private(set) var waitingText = 0
    private var rowText = 0
    private var allText = 0
    /// Cells that are shown as one; known when the sheet has been read to its end.
    private(set) var merged: [SheetArea] = []

    init(strings: SharedStringsPart, styles: StylesPart, since1904: Bool, limits: SheetLimits) {
        self.strings = strings
        self.styles = styles
        self.since1904 = since1904
        self.limits = limits
    }

    /// How many rows wait to be taken.
    var waiting: Int { self.rows.count }

    func takeRows() -> [SheetRow] {
        defer { (self.rows, self.waitingText) = ([], 0) }
        return self.rows
    }

    func start(_ name: String, _ attributes: XMLAttributes) throws(SpreadsheetError) {
        switch (self.place, name) {
        case (.nowhere, "sheetData"): self.place = .inSheet
        case (.nowhere, "mergeCell"): self.merge(attributes["ref"])
        case (.inSheet, "row"): try self.startRow(attributes["r"])
        case (.inRow, "c"): try self.startCell(attributes)
        case (.inCell, "v") where self.ignored == 0: self.place = .inValue
        case (.inCell, "is") where self.ignored == 0: self.place = .inInline
        case (.inInline, "rPh"): self.isInPhonetic = true
        case (.inInline, "t") where !self.isInPhonetic: self.place = .inInlineText
        case (.inCell, _): self.ignored += 1
        default: break
        }
    }

    func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(SpreadsheetError) {
        guard self.place == .inValue || self.place == .inInlineText else { return }
        self.hasValue = true
        try unsafe self.buffer.append(bytes)
    }

    func end(_ name: String) throws(SpreadsheetError) {
        switch (self.place, name) {
        case (.inSheet, "sheetData"): self.place = .nowhere
        case (.inRow, "row"): try self.endRow()
        case (.inCell, _) where self.ignored > 0: self.ignored -= 1
        case (.inCell, "c"): try self.endCell()
        case (.inValue, "v"): self.place = .inCell
        case (.inInline, "is"): self.place = .inCell
        case (.inInline, "rPh"): self.isInPhonetic = false
        case (.inInlineText, "t"): self.place = .inInline
        default: break
        }
    }

    // MARK: rows

    private func startRow(_ number: String?) throws(SpreadsheetError) {
        let next = try number.map { number throws(SpreadsheetError) in
            guard let number = Int(number) else { throw Self.damaged }
            return number
        }
        // From top to bottom: no row can be there twice, or above the headings.
        let number = next ?? self.rowNumber + 1
        guard number > self.rowNumber, number <= SheetLimits.sheetRows else { throw Self.damaged }
        self.rowNumber = number
        self.row = SheetRow(number: self.rowNumber)
        self.column = -1
        self.rowText = 0
        self.cells += 1
        self.place = .inRow
    }

    private func endRow() throws(SpreadsheetError) {
        self.place = .inSheet
        guard !self.row.cells.isEmpty else { return }
        self.filledRows += 1
        // The headings, and what may stand above them.
        guard self.filledRows <= self.limits.rows + HeadingArea.rows else { throw SpreadsheetError.tooManyRows }
        self.rows.append(self.row)
        self.waitingText += self.rowText
        // A portion of XML that names a long text again and again.
        guard self.waitingText <= 4 * self.limits.waitingTextBytes else { throw Self.tooMuchText }
    }

    // MARK: cells

    private func startCell(_ attributes: XMLAttributes) throws(SpreadsheetError) {
        self.cells += 1
        guard self.cells <= self.limits.cells else { throw SpreadsheetError(.tooLarge, "it has more cells than are read") }
        if let name = attributes["r"] {
            // From left to right: no cell can be there twice.
            guard let cell = CellName(name), cell.column > self.column else { throw Self.damaged }
            self.column = cell.column
        } else {
            self.column += 1
        }
        self.type = attributes["t"] ?? "n"
        self.style = attributes["s"].flatMap { Int($0) } ?? 0
        self.hasValue = false
        self.buffer.clear()
        self.place = .inCell
    }

    private func endCell() throws(SpreadsheetError) {
        self.place = .inRow
        guard self.hasValue, self.column < self.limits.readColumns, let value = try self.value() else { return }
        try self.charge(value)
        self.row.append(value, column: self.column)
    }

    /// A text that many cells share counts for each of them: each will be looked at.
    private func charge(_ value: SheetCell) throws(SpreadsheetError) {
        guard case .text(let text) = value else { return }
        self.rowText += text.utf8.count
        self.allText += text.utf8.count
        guard self.rowText <= self.limits.rowTextBytes, self.allText <= self.limits.textBytes else { throw Self.tooMuchText }
    }

    private func value() throws(SpreadsheetError) -> SheetCell? {
        let text = self.buffer.text
        switch self.type {
        case "s":
            guard let index = Int(text), let shared = self.strings[index] else { throw Self.damaged }
            return shared.isEmpty ? nil : .text(shared)
        case "inlineStr", "str":
            return Self.filled(self.buffer.decoded)
        case "b":
            return .bool(text == "1" || text == "true")
        case "e":
            return .error(text)
        case "d":
            return SheetDate(iso: text).map { .date($0) } ?? Self.filled(text)
        default:
            return self.number(text)
        }
    }

    private func number(_ text: String) -> SheetCell? {
        let format = self.styles.format(ofStyle: self.style)
        if format == .date, let serial = Double(text), let date = SheetDate(serial: serial, since1904: self.since1904) {
            return .date(date)
        }
        // What shows as 5 % is 0.05 to the file, and 5 to whoever wrote it.
        return DecimalText.plain(text, shiftedBy: format == .percent ? 2 : 0).map { .number($0) } ?? Self.filled(text)
    }

    /// A cell of nothing but spaces is as good as empty.
    private static func filled(_ text: String) -> SheetCell? {
        text.allSatisfy(\.isWhitespace) ? nil : .text(text)
    }

    private func merge(_ reference: String?) {
        guard self.merged.count < 1_000, let area = reference.flatMap({ SheetArea($0) }) else { return }
        if area.rows.lowerBound <= HeadingArea.lastRow { self.merged.append(area) }
    }

    private static let tooMuchText = SpreadsheetError(.tooLarge, "its cells hold more text than is read")
    private static let damaged = SpreadsheetError(.broken, "a cell or row of its sheet makes no sense")
}
