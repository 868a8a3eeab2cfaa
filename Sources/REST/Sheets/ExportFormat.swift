extension QueryParameters {
    /// Looks at `format`: a workbook unless it says otherwise.
    ///
    /// - Throws: 422 for a format that is not written
    func checkFormat() throws(APIError) {
        switch self["format"]?.lowercased() {
        case nil, "xlsx", "excel": return
        case "pdf": throw APIError(.formatNotAvailable)
        default:
            throw APIError.invalid(
                "format",
                LocalizedText("must be one of: xlsx, excel, pdf", "має бути одним із: xlsx, excel, pdf")
            )
        }
    }

    /// Looks at `fields`: names of columns, with commas between them.
    ///
    /// - Returns: these columns in this order, or all of them
    /// - Throws: 422 for a name of none
    func chosen(_ fields: [SheetField]) throws(APIError) -> [SheetField] {
        guard let names = self["fields"] else { return fields }
        var chosen: [SheetField] = []
        for name in names.split(separator: ",").map({ String($0).trimmed }) where !chosen.contains(where: { $0.name == name }) {
            guard let field = fields.first(where: { $0.name == name }) else {
                let list = fields.map(\.name).joined(separator: ", ")
                throw APIError.invalid("fields", LocalizedText("may name: \(list)", "можуть бути: \(list)"))
            }
            chosen.append(field)
        }
        return chosen.isEmpty ? fields : chosen
    }
}
