extension QueryParameters {
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
