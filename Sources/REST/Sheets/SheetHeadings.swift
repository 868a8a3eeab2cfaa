import JSON
import Spreadsheet

/// Where a workbook that somebody sent has its headings, and which column means what.
struct SheetHeadings: Sendable {
    /// The row that they stand in.
    let row: Int
    private let columns: [(field: SheetField, column: Int)]

    /// Bytes of a text that may be a heading.
    private static let longest = 100

    /// Takes the row among the first that has most of the headings: people put titles above them. A merged cell counts in all
    /// the rows and columns that it covers. Takes its time in a sheet that is made for it.
    ///
    /// - Parameter required: the field without whose heading there is nothing to read
    /// - Throws: 422 if no row has it
    init(_ opening: WorkbookReader.Opening, _ fields: [SheetField], required: String) throws(APIError) {
        let fields = fields.filter(\.isImported)
        let meanings = fields.map { ($0, $0.meanings) }
        var best: (row: Int, columns: [(field: SheetField, column: Int)])?
        for row in opening.rows {
            let columns = Self.columns(of: row, opening, meanings)
            guard columns.contains(where: { $0.field.name == required }), columns.count > best?.columns.count ?? 0 else {
                continue
            }
            best = (row.number, columns)
        }
        guard let best else {
            let heading = fields.first { $0.name == required }?.heading ?? required
            throw APIError.invalid(
                "file",
                LocalizedText("has no column with the heading «\(heading)»", "не має стовпця із заголовком «\(heading)»")
            )
        }
        (self.row, self.columns) = best
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
            if let value = field.value(of: cell) { object[field.name] = value }
        }
        guard errors.isEmpty else { throw APIError(.validation, fields: errors) }
        return object
    }
}
