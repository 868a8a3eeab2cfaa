import JSON
import Postgres

/// Reads the fields of a JSON body and gathers everything that is wrong with them, so that the answer names each bad field.
struct BodyReader {
    private let object: JSONObject
    private(set) var errors: [String: LocalizedText] = [:]

    init(_ object: JSONObject) {
        self.object = object
    }

    /// Throws if anything was wrong.
    func finish() throws(APIError) {
        guard self.errors.isEmpty else { throw APIError(.validation, fields: self.errors) }
    }

    mutating func reject(_ field: String, _ english: String, _ ukrainian: String) {
        if self.errors[field] == nil { self.errors[field] = LocalizedText(english, ukrainian) }
    }

    /// Marks a field as missing.
    mutating func require(_ field: String) {
        self.reject(field, "is required", "обов'язкове поле")
    }

    func raw(_ field: String) -> JSONValue? {
        self.object[field]
    }

    private mutating func read<Value>(
        _ field: String,
        _ convert: (JSONValue) -> Value?,
        _ english: String,
        _ ukrainian: String,
        isEmptyCleared: Bool = false
    ) -> Patch<Value> {
        switch self.object[field] {
        case nil: return .keep
        case .null: return .clear
        // What a form sends of a field that was left empty.
        case .string("") where Value.self != String.self || isEmptyCleared: return .clear
        case let value?:
            if let value = convert(value) { return .set(value) }
            self.reject(field, english, ukrainian)
            return .keep
        }
    }

    /// How long a person's name is that is shown as one: two names of 200 characters, and the space between them.
    static let longestPersonName = 401

    /// Text without control characters, trimmed.
    ///
    /// - Parameter maximum: characters
    mutating func text(_ field: String, maximum: Int = 200, multiline: Bool = false) -> Patch<String> {
        let text = self.read(field, \.string, "must be a string", "має бути рядком")
        guard case .set(let value) = text else { return text }
        guard value.unicodeScalars.count <= maximum else {
            self.reject(field, "is longer than \(maximum) characters", "довше за \(maximum) символів")
            return .keep
        }
        guard Self.isClean(value, multiline: multiline) else {
            self.reject(field, "contains control characters", "містить керівні символи")
            return .keep
        }
        return .set(value.trimmed)
    }

    private static func isClean(_ text: String, multiline: Bool) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            scalar.properties.generalCategory != .control || (multiline && (scalar == "\n" || scalar == "\r" || scalar == "\t"))
        }
    }

    /// Text that has to be there and not be empty.
    mutating func requiredText(_ field: String, maximum: Int = 200) -> String {
        switch self.text(field, maximum: maximum) {
        case .set(let value) where !value.isEmpty: return value
        default:
            self.require(field)
            return ""
        }
    }

    /// Text that may be left out of a change, but not be emptied by it.
    mutating func nonEmptyText(_ field: String, creating: Bool, maximum: Int = 200) -> Patch<String> {
        if creating { return .set(self.requiredText(field, maximum: maximum)) }
        switch self.text(field, maximum: maximum) {
        case .keep: return .keep
        case .set(let value) where !value.isEmpty: return .set(value)
        default:
            self.require(field)
            return .keep
        }
    }

    /// Text that need not be there: a field that was left empty is none.
    mutating func optionalText(_ field: String, maximum: Int = 200, multiline: Bool = false) -> Patch<String> {
        self.text(field, maximum: maximum, multiline: multiline).emptyAsCleared
    }

    /// A telephone number. A mask is what somebody is shown who may not see it, and never a value: as good as not sent.
    mutating func phone(_ field: String) -> Patch<String> {
        let typed = self.text(field, maximum: 50)
        return typed.value.map(PhoneNumber.init)?.isMask == true ? .keep : typed
    }

    /// The same of one that need not be there: a field that was left empty is none.
    mutating func optionalPhone(_ field: String) -> Patch<String> { self.phone(field).emptyAsCleared }

    /// A word of a list.
    mutating func word(_ field: String, of allowed: [String]) -> Patch<String> {
        let list = allowed.joined(separator: ", ")
        return self.read(
            field,
            { value in value.string.flatMap { allowed.contains($0) ? $0 : nil } },
            "must be one of: \(list)",
            "має бути одним із: \(list)",
            isEmptyCleared: true
        )
    }

    mutating func bool(_ field: String) -> Patch<Bool> {
        self.read(field, \.bool, "must be true or false", "має бути true або false")
    }

    /// A whole number; a string of its digits counts, since the existing frontend sends some ids so.
    mutating func integer(_ field: String, in range: ClosedRange<Int64> = 1...Int64(Int32.max)) -> Patch<Int64> {
        self.read(
            field,
            { value in
                let spelt = value.string.flatMap { text in Int64(text).flatMap { String($0) == text ? $0 : nil } }
                return (value.int ?? spelt).flatMap { range.contains($0) ? $0 : nil }
            },
            "must be a whole number between \(range.lowerBound) and \(range.upperBound)",
            "має бути цілим числом від \(range.lowerBound) до \(range.upperBound)"
        )
    }

    /// Money: 0 … 9 999 999 999.99, exact, at most two digits behind the point but for what a browser's sums leave there.
    mutating func money(_ field: String) -> Patch<PostgresNumeric> {
        self.read(
            field,
            { value in
                guard let number = value.number, let cents = number.cents else { return nil }
                guard (0...999_999_999_999).contains(cents) else { return nil }
                return PostgresNumeric(minorUnits: cents, scale: 2)
            },
            "must be an amount with at most two decimals",
            "має бути сумою з не більш як двома знаками після коми"
        )
    }

    /// A quantity of goods: 0 … 999 999 999.999, exact, at most three digits behind the point.
    ///
    /// - Parameter isPositive: whether 0 is refused
    mutating func quantity(_ field: String, isPositive: Bool = false) -> Patch<PostgresNumeric> {
        self.read(
            field,
            { value in
                guard let number = value.number, let thousandths = number.thousandths else { return nil }
                guard ((isPositive ? 1 : 0)...999_999_999_999).contains(thousandths) else { return nil }
                return PostgresNumeric(minorUnits: thousandths, scale: 3)
            },
            isPositive
                ? "must be a quantity above 0 with at most three decimals" : "must be a quantity with at most three decimals",
            isPositive
                ? "має бути кількістю понад 0 з не більш як трьома знаками після коми"
                : "має бути кількістю з не більш як трьома знаками після коми"
        )
    }

    mutating func date(_ field: String) -> Patch<LocalDate> {
        self.read(field, { $0.string.flatMap(LocalDate.init) }, "must be a date: YYYY-MM-DD", "має бути датою: РРРР-ММ-ДД")
    }

    mutating func time(_ field: String) -> Patch<LocalTime> {
        self.read(field, { $0.string.flatMap(LocalTime.init) }, "must be a time: HH:mm", "має бути часом: ГГ:хх")
    }

    mutating func strings(_ field: String, maximumCount: Int = 50) -> Patch<[String]> {
        self.read(
            field,
            { value in
                guard let array = value.array, array.count <= maximumCount else { return nil }
                let strings = array.compactMap(\.string).filter {
                    $0.unicodeScalars.count <= 100 && Self.isClean($0, multiline: false)
                }
                return strings.count == array.count ? strings : nil
            },
            "must be a list of strings",
            "має бути списком рядків"
        )
    }

    /// A list of rows, each by its id or by its name.
    mutating func references(_ field: String, maximumCount: Int = 200) -> Patch<[String]> {
        self.read(
            field,
            { value in
                guard let array = value.array, array.count <= maximumCount else { return nil }
                let texts = array.compactMap { ($0.int.map(String.init) ?? $0.string)?.trimmed.nonEmpty }
                guard texts.allSatisfy({ $0.utf8.count <= 400 && Self.isClean($0, multiline: false) }) else { return nil }
                return texts.count == array.count ? texts : nil
            },
            "must be a list of ids or names",
            "має бути списком ідентифікаторів або назв"
        )
    }

    mutating func email(_ field: String) -> Patch<String> {
        let text = self.text(field, maximum: 254)
        guard case .set(let value) = text else { return text }
        if value.isEmpty { return .clear }
        guard let address = EmailAddress(value) else {
            self.reject(field, "is not an e-mail address", "не є адресою електронної пошти")
            return .keep
        }
        return .set(address.text)
    }
}

extension String {
    /// Without white space at either end.
    var trimmed: String {
        guard let first = self.firstIndex(where: { !$0.isWhitespace }) else { return "" }
        guard let last = self.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(self[first...last])
    }

    /// `nil` if there is nothing in it.
    var nonEmpty: String? { self.isEmpty ? nil : self }
}
