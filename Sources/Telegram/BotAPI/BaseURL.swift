/// What addresses begin with, as somebody configured it.
enum BaseURL {
    /// Without slashes at its end.
    static func trimmed(_ text: String) -> String {
        String(text.reversed().drop { $0 == "/" }.reversed())
    }
}
