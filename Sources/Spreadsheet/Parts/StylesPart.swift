/// `xl/styles.xml`, as far as it tells dates from numbers.
final class StylesPart: PartReader {
    private var formats: [Int: Bool] = [:]
    private var isInCellFormats = false
    /// Whether the cell format of this number shows dates.
    private var showsDate: [Bool] = []

    func start(_ name: String, _ attributes: XMLAttributes) throws(SpreadsheetError) {
        switch name {
        case "numFmt":
            guard let id = attributes["numFmtId"].flatMap({ Int($0) }), let code = attributes["formatCode"] else { return }
            guard self.formats.count < 10_000 else { throw SpreadsheetError(.hostile, "it has too many formats") }
            self.formats[id] = NumberFormat.isDate(code: code)
        case "cellXfs":
            self.isInCellFormats = true
        case "xf" where self.isInCellFormats:
            // Excel allows 65,490.
            guard self.showsDate.count < 100_000 else { throw SpreadsheetError(.hostile, "it has too many formats") }
            let id = attributes["numFmtId"].flatMap { Int($0) } ?? 0
            self.showsDate.append(self.formats[id] ?? NumberFormat.isDate(builtIn: id))
        default:
            break
        }
    }

    func end(_ name: String) throws(SpreadsheetError) {
        if name == "cellXfs" { self.isInCellFormats = false }
    }

    func isDate(style: Int) -> Bool {
        self.showsDate.indices.contains(style) && self.showsDate[style]
    }
}
