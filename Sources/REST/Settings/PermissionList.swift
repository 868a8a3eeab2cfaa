import JSON

/// The body of `PUT /settings/roles/{role}`: words, or `{module: {verb: true}}` as some documents have it.
enum PermissionList {
    private static let maximumCount = 300
    private static let maximumLength = 100
    /// Without these nobody could give anything back.
    private static let kept = [Permissions.word(.settings, .view), Permissions.word(.settings, .edit)]

    /// - Returns: each word once, in the order in which they came
    /// - Throws: 422 for what is no list of words, and for an admin's list that would lock everybody out
    static func read(_ object: JSONObject, for role: Role) throws(APIError) -> [String] {
        let given: [String]?
        switch object["permissions"] {
        case .array(let values): given = values.compactMap(\.string).count == values.count ? values.compactMap(\.string) : nil
        case .object(let modules): given = self.words(modules)
        default: given = nil
        }
        guard let given, given.count <= self.maximumCount, given.allSatisfy(self.isWord) else {
            throw APIError.invalid(
                "permissions",
                LocalizedText(
                    "must be a list of at most \(self.maximumCount) words like clients.view",
                    "має бути списком щонайбільше з \(self.maximumCount) слів, як-от clients.view"
                )
            )
        }
        if role == .admin, !self.kept.allSatisfy(given.contains) {
            throw APIError.invalid(
                "permissions",
                LocalizedText(
                    "an administrator keeps \(self.kept.joined(separator: " and "))",
                    "адміністратор зберігає \(self.kept.joined(separator: " і "))"
                )
            )
        }
        var seen: Set<String> = []
        return given.filter { seen.insert($0).inserted }
    }

    private static func words(_ modules: JSONObject) -> [String]? {
        var words: [String] = []
        for (module, verbs) in modules {
            guard let verbs = verbs.object else { return nil }
            for (verb, isAllowed) in verbs {
                guard let isAllowed = isAllowed.bool else { return nil }
                if isAllowed { words.append("\(module).\(verb)") }
            }
        }
        return words
    }

    private static func isWord(_ text: String) -> Bool {
        (1...self.maximumLength).contains(text.utf8.count)
            && text.utf8.allSatisfy { $0 > UInt8(ascii: " ") && $0 < 0x7F }
    }
}
