/// A field of a body that may change a row: absent, `null`, or a value.
enum Patch<Value: Sendable>: Sendable {
    /// Absent: keep what is there.
    case keep
    /// `null`: take it away.
    case clear
    case set(Value)

    /// The value, where there is one.
    var value: Value? {
        if case .set(let value) = self { value } else { nil }
    }

    var isKept: Bool {
        if case .keep = self { true } else { false }
    }

    var isCleared: Bool {
        if case .clear = self { true } else { false }
    }

    /// The same field in another form.
    func map<Other: Sendable>(_ transform: (Value) -> Other) -> Patch<Other> {
        switch self {
        case .keep: .keep
        case .clear: .clear
        case .set(let value): .set(transform(value))
        }
    }

    /// This field, or the other if this one is absent.
    func orElse(_ other: Patch) -> Patch { self.isKept ? other : self }

    /// The field after the change.
    func applied(to present: Value?) -> Value? {
        switch self {
        case .keep: present
        case .clear: nil
        case .set(let value): value
        }
    }
}

extension Patch<String> {
    /// The same of a field that need not be there: one that was left empty is none.
    var emptyAsCleared: Patch { self.value?.isEmpty == true ? .clear : self }
}
