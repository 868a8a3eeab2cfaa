extension QueryParameters {
    /// `true` or `false`; `nil` if absent or empty.
    func bool(_ name: String) throws(APIError) -> Bool? {
        switch self[name] {
        case nil: return nil
        case "true", "1": return true
        case "false", "0": return false
        default: throw APIError.invalid(name, LocalizedText("must be true or false", "має бути true або false"))
        }
    }

    /// A date; `nil` if absent or empty.
    func date(_ name: String) throws(APIError) -> LocalDate? {
        guard let text = self[name] else { return nil }
        guard let date = LocalDate(text) else {
            throw APIError.invalid(name, LocalizedText("must be a date: YYYY-MM-DD", "має бути датою: РРРР-ММ-ДД"))
        }
        return date
    }

    /// An id; `nil` if absent or empty. A larger one than any row's is the id of nothing.
    func id(_ name: String) throws(APIError) -> Int64? {
        guard let text = self[name] else { return nil }
        if text.utf8.count > 18, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            return Int64(text) ?? .max
        }
        guard let id = Int64(text), id > 0 else {
            throw APIError.invalid(name, LocalizedText("must be an id", "має бути ідентифікатором"))
        }
        return id
    }

    /// A word of a list; `nil` if absent or empty, and for `all`, which pages send for no choice.
    func word(_ name: String, of allowed: [String]) throws(APIError) -> String? {
        guard let text = self[name], text != "all" else { return nil }
        guard allowed.contains(text) else {
            let list = allowed.joined(separator: ", ")
            throw APIError.invalid(name, LocalizedText("must be one of: \(list)", "має бути одним із: \(list)"))
        }
        return text
    }
}
