/// `[Content_Types].xml`: what each file of the package is.
final class ContentTypes: PartReader {
    private(set) var overrides: [String: String] = [:]

    func start(_ name: String, _ attributes: XMLAttributes) throws(SpreadsheetError) {
        guard name == "Override", let part = attributes["PartName"], let type = attributes["ContentType"] else { return }
        self.overrides[part.lowercased()] = type.lowercased()
    }

    /// - Parameter part: without a slash in front
    /// - Throws: `.macros`, or `.notAWorkbook` for what has a workbook's place and is none
    func check(workbook part: String) throws(SpreadsheetError) {
        guard let type = self.overrides["/" + part.lowercased()] else {
            throw SpreadsheetError(.notAWorkbook, "nothing inside says that it is a workbook")
        }
        guard !type.contains("macroenabled"), !self.overrides.values.contains(where: { $0.contains("vbaproject") }) else {
            throw SpreadsheetError(.macros, "it is a workbook with macros")
        }
        // Of a workbook, or of a template.
        guard type.hasPrefix("application/vnd.openxmlformats-officedocument.spreadsheetml."), type.hasSuffix(".main+xml") else {
            throw SpreadsheetError(.notAWorkbook, "it is another kind of document")
        }
    }
}
