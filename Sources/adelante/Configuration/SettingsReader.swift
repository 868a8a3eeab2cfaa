import Glibc

/// A setting that is missing or cannot be used. The start stops with this one line.
struct SettingError: Error, CustomStringConvertible {
    var description: String

    init(_ name: String, _ problem: String) {
        self.description = "\(name) \(problem)"
    }
}

/// Reads settings from the environment; `.env` in the working directory counts where the environment is silent.
struct SettingsReader: Sendable {
    private let values: [String: String]

    init(environment: [String: String], dotEnv: String?) {
        var values = dotEnv.map(Self.parse) ?? [:]
        values.merge(environment) { $1 }
        self.values = values.filter { !$0.value.isEmpty }
    }

    /// The names that are set, for the warning about unknown ones.
    var names: [String] { self.values.keys.sorted() }

    func text(_ name: String) -> String? {
        if let value = self.values[name] { return value }
        return Setting.all.first { $0.name == name }?.defaultValue
    }

    func required(_ name: String) throws(SettingError) -> String {
        guard let value = self.text(name) else { throw SettingError(name, "is not set") }
        return value
    }

    func integer(_ name: String, _ range: ClosedRange<Int>) throws(SettingError) -> Int {
        let text = try self.required(name)
        guard let value = Int(text), range.contains(value) else {
            throw SettingError(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func word(_ name: String, _ words: [String]) throws(SettingError) -> String {
        let text = try self.required(name)
        guard words.contains(text) else { throw SettingError(name, "must be \(words.joined(separator: " or "))") }
        return text
    }

    /// An address that begins with `http://` or `https://` and names a host.
    func webAddress(_ name: String) throws(SettingError) -> String {
        let text = try self.required(name)
        guard text.wholeMatch(of: /https?:\/\/[^\s\/?#@]+([\/?][^\s#]*)?/) != nil else {
            throw SettingError(name, "must be an address that begins with https:// or http://")
        }
        return text
    }

    /// Web origins (RFC 6454, section 6.2) as browsers write them: compared letter by letter, so one with a path would never be met. `*`
    /// is every one.
    func origins(_ name: String) throws(SettingError) -> Set<String> {
        var origins: Set<String> = []
        for text in self.list(name) {
            guard text == "*" || text.wholeMatch(of: /[A-Za-z][A-Za-z0-9+.\-]*:\/\/[^\s\/?#@*]+/) != nil else {
                throw SettingError(name, "has '\(text)', which is no origin: https://host or https://host:port, and no path")
            }
            origins.insert(text.lowercased())
        }
        return origins
    }

    func flag(_ name: String) throws(SettingError) -> Bool {
        try self.word(name, ["on", "off"]) == "on"
    }

    func list(_ name: String) -> [String] {
        (self.text(name) ?? "").split(separator: ",").map { Self.trimmed($0) }.filter { !$0.isEmpty }
    }

    /// `NAME=value` lines; `#` begins a comment line; quotes around a value are taken off.
    static func parse(_ dotEnv: String) -> [String: String] {
        var values: [String: String] = [:]
        for line in dotEnv.split(whereSeparator: \.isNewline) {
            let line = self.trimmed(line)
            guard !line.hasPrefix("#"), let equals = line.firstIndex(of: "=") else { continue }
            var name = self.trimmed(line[..<equals])
            if name.hasPrefix("export ") { name = self.trimmed(name.dropFirst(7)) }
            var value = self.trimmed(line[line.index(after: equals)...])
            if value.count >= 2, let quote = value.first, quote == "\"" || quote == "'", value.last == quote {
                value = String(value.dropFirst().dropLast())
            }
            values[name] = value
        }
        return values
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        guard let first = text.firstIndex(where: { !$0.isWhitespace }) else { return "" }
        guard let last = text.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(text[first...last])
    }
}
