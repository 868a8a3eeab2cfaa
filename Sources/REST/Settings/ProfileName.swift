/// An account's name.
struct ProfileName: Sendable, Equatable {
    var first: String
    var last: String

    /// As readers see it.
    private var whole: String { "\(self.first) \(self.last)".trimmed }

    /// The name that a body means: in parts (`firstName`, `lastName`), whole (`name`, whose first word is the first), or both, as
    /// somebody sends it back who was shown both and changed one. The parts go before the whole if they say anything new.
    ///
    /// - Returns: `nil` if nothing changes
    static func read(_ body: inout BodyReader, over present: ProfileName) -> ProfileName? {
        let first = body.text("firstName").orElse(body.text("first_name"))
        let last = body.text("lastName").orElse(body.text("last_name"))
        let whole = body.text("name").applied(to: present.whole) ?? ""
        let parts = ProfileName(first: first.applied(to: present.first) ?? "", last: last.applied(to: present.last) ?? "")
        if parts != present {
            if parts.first.isEmpty, !present.first.isEmpty { body.require("firstName") }
            return parts
        }
        guard whole != present.whole else { return nil }
        let words = whole.split(separator: " ", maxSplits: 1).map(String.init)
        guard let first = words.first else {
            body.require("name")
            return nil
        }
        return ProfileName(first: first, last: words.count > 1 ? words[1] : "")
    }
}
