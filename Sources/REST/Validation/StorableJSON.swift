import JSON

extension JSONValue {
    /// Whether PostgreSQL can keep it as `jsonb` without growing it: no U+0000 in it, which `jsonb` refuses, and no number that
    /// is short as `1e9999` and long as digits, in which form `jsonb` gives it back.
    ///
    /// As deep as the reader of bodies lets a value be, which bounds the recursion.
    var isStorable: Bool {
        switch self {
        case .null, .bool: true
        case .number(let number): number.isStorable
        case .string(let text): text.isStorable
        case .array(let values): values.allSatisfy(\.isStorable)
        case .object(let members): members.allSatisfy { $0.key.isStorable && $0.value.isStorable }
        }
    }
}

extension JSONNumber {
    private static let maximumDigits = 30
    private static let maximumExponent = 30

    fileprivate var isStorable: Bool {
        let parts = self.text.utf8.split(omittingEmptySubsequences: false) { $0 == UInt8(ascii: "e") || $0 == UInt8(ascii: "E") }
        func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        guard parts[0].count(where: isDigit) <= Self.maximumDigits else { return false }
        guard parts.count == 2 else { return true }
        let exponent = parts[1].filter(isDigit).drop { $0 == UInt8(ascii: "0") }
        // No two digits more than these are looked at, so nothing overflows.
        guard exponent.count <= 2 else { return false }
        return exponent.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) } <= Self.maximumExponent
    }
}

extension String {
    fileprivate var isStorable: Bool { !self.utf8.contains(0) }
}
