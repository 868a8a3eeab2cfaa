import HTTPTypes

extension HTTPFields {
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
