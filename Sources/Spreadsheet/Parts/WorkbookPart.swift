/// `xl/workbook.xml`: the sheets, and what its dates are counted from.
final class WorkbookPart: PartReader {
    /// A sheet's entry.
    struct Sheet {
        let name: String
        let relationship: String
        let isHidden: Bool
    }

    private(set) var sheets: [Sheet] = []
    private(set) var since1904 = false

    func start(_ name: String, _ attributes: XMLAttributes) throws(SpreadsheetError) {
        switch name {
        case "workbookPr":
            self.since1904 = attributes["date1904"].map { $0 == "1" || $0 == "true" } ?? false
        case "sheet":
            guard let id = attributes["id"] else { return }
            guard self.sheets.count < 1_000 else { throw SpreadsheetError(.hostile, "it has too many sheets") }
            let state = attributes["state"] ?? "visible"
            self.sheets.append(Sheet(name: attributes["name"] ?? "", relationship: id, isHidden: state != "visible"))
        default:
            break
        }
    }
}
