import JSON
import Spreadsheet

/// Where a workbook that somebody sent has its headings, and which column means what.
struct SheetHeadings: Sendable {
    /// The row that they stand in.
    let row: Int
    private let columns: [(field: SheetField, column: Int)]
    /// What stands for several columns, if it does here.
    private let compound: SheetCompound?

    /// Bytes of a text that may be a heading.
    private static let longest = 100

    /// Takes the row among the first that has most of the headings: people put titles above them. A merged cell counts in all
    /// the rows and columns that it covers. Takes its time in a sheet that is made for it.
    ///
    /// - Parameters:
    ///   - required: the field without whose heading there is nothing to read
    ///   - compound: what may stand in its place
    /// - Throws: 422 if no row has either
    init(
        _ opening: WorkbookReader.Opening,
        _ fields: [SheetField],
        required: String,
        compound: SheetCompound? = nil
    ) throws(APIError) {
        let fields = fields.filter(\.isImported) + (compound.map { [$0.field] } ?? [])
        let enough = [required, compound?.field.name]
        let meanings = fields.map { ($0, $0.meanings) }
        var best: (row: Int, columns: [(field: SheetField, column: Int)])?
        for row in opening.rows {
            let columns = Self.columns(of: row, opening, meanings)
            guard columns.contains(where: { enough.contains($0.field.name) }), columns.count > best?.columns.count ?? 0 else {
                continue
            }
            best = (row.number, columns)
        }
        guard let best else {
            let headings = fields.filter { enough.contains($0.name) }.map { "«\($0.heading)»" }
            throw APIError.invalid(
                "file",
                LocalizedText(
                    "has no column with the heading \(headings.joined(separator: " or "))",
                    "не має стовпця із заголовком \(headings.joined(separator: " або "))"
                )
            )
        }
        self.row = best.row
        // Who has the parts in columns of their own needs no guess at them.
        let isWhole = best.columns.contains { $0.field.name == required }
        self.compound = isWhole ? nil : compound
        self.columns = best.columns.filter { !isWhole || $0.field.name != compound?.field.name }
    }

    /// The first column of each field.
    private static func columns(
        of row: SheetRow,
        _ opening: WorkbookReader.Opening,
        _ meanings: [(field: SheetField, texts: Set<String>)]
    ) -> [(field: SheetField, column: Int)] {
        // Where each text stands first.
        var places: [String: Int] = [:]
        func see(_ cell: SheetCell?, _ column: Int) {
            guard case .text(let text)? = cell, text.utf8.count <= Self.longest else { return }
            let folded = SheetField.folded(text)
            places[folded] = min(places[folded] ?? column, column)
        }
        for cell in row.cells { see(cell.value, cell.column) }
        for area in opening.merged where area.rows.contains(row.number) && area.rows.lowerBound < row.number {
            let first = opening.rows.first { $0.number == area.rows.lowerBound }
            see(first?[area.columns.lowerBound], area.columns.lowerBound)
        }
        return meanings.compactMap { field, texts in
            texts.compactMap { places[$0] }.min().map { (field, $0) }
        }
    }

    /// A row as a body of the API would have it.
    ///
    /// - Throws: 422 for cells whose formulas went wrong
    func object(_ row: SheetRow) throws(APIError) -> JSONObject {
        var object = JSONObject()
        var errors: [String: LocalizedText] = [:]
        for (field, column) in self.columns {
            let cell = row[column]
            if case .error(let word)? = cell {
                let word = word.prefix(20)
                errors[field.name] = LocalizedText("its formula gives \(word)", "формула дає \(word)")
            }
            guard let value = field.value(of: cell) else { continue }
            guard let compound, field.name == compound.field.name else {
                object[field.name] = value
                continue
            }
            let parts = compound.parts(value.string ?? "").filter { name, _ in !self.columns.contains { $0.field.name == name } }
            for (name, part) in parts { object[name] = .string(part) }
        }
        guard errors.isEmpty else { throw APIError(.validation, fields: errors) }
        return object
    }
}
