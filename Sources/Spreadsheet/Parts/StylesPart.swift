/// `xl/styles.xml`, as far as it tells dates and percents from numbers.
final class StylesPart: PartReader {
    private var formats: [Int: NumberFormat] = [:]
    private var isInCellFormats = false
    /// By the numbers that cells name.
    private var cellFormats: [NumberFormat] = []

    func start(_ name: String, _ attributes: XMLAttributes) throws(SpreadsheetError) {
        switch name {
        case "numFmt":
            guard let id = attributes["numFmtId"].flatMap({ Int($0) }), let code = attributes["formatCode"] else { return }
            guard self.formats.count < 10_000 else { throw SpreadsheetError(.hostile, "it has too many formats") }
            self.formats[id] = NumberFormat(code: code)
        case "cellXfs":
            self.isInCellFormats = true
        case "xf" where self.isInCellFormats:
            // Excel allows 65,490.
            guard self.cellFormats.count < 100_000 else { throw SpreadsheetError(.hostile, "it has too many formats") }
            let id = attributes["numFmtId"].flatMap { Int($0) } ?? 0
            self.cellFormats.append(self.formats[id] ?? NumberFormat(builtIn: id))
        default:
            break
        }
    }

    func end(_ name: String) throws(SpreadsheetError) {
        if name == "cellXfs" { self.isInCellFormats = false }
    }

    func format(ofStyle style: Int) -> NumberFormat {
        self.cellFormats.indices.contains(style) ? self.cellFormats[style] : .number
    }
}
