public import HTTPTypes

extension HTTPFields {
    /// Sets a field's value, in place of all that have the name.
    mutating func set(_ name: HTTPField.Name, _ value: String) {
        if self.contains(where: { $0.name == name }) {
            self[name] = value
        } else {
            self.append(HTTPField(name: name, value: value))
        }
    }

    /// Whether they say that the connection ends behind this message (RFC 9112 9.6).
    public var endConnection: Bool {
        self.contains { $0.name == .connection && $0.value.lowercased() == "close" }
    }

    /// A field's value; of several, as the library joins them. For names that nearly always come once: no sequence is made of it.
    func value(_ name: HTTPField.Name) -> String? {
        var value: String?
        for field in self where field.name == name {
            guard value == nil else { return self[name] }
            value = field.value
        }
        return value
    }
}
