import JSON

/// JSON from bytes to values and back.
public enum JSONFuzz {
    /// Takes the input for a JSON text.
    public static func run(_ input: [UInt8]) {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: input)
        } catch {
            demand(error.offset >= 0 && error.offset <= input.count, "\(error), of \(input.count) bytes")
            demand(!error.message.isEmpty && error.message.utf8.count <= 200, "\(error)")
            return
        }
        demand(String(validating: input, as: UTF8.self) != nil, "A text is taken that is not UTF-8")
        let written = value.jsonBytes
        demand(written.count <= input.count, "\(input.count) bytes are written as \(written.count)")
        guard let again = Self.parsed(written) else { fatalError("What was written is not read again: \(value)") }
        demand(again == value && again.hashValue == value.hashValue, "\(value) is read again as \(again)")
        demand(again.jsonBytes == written, "\(value) is written in two ways: \(again)")
        Self.checkLimits(value, written)
        Self.checkNumbers(value)
    }

    /// The value of a text that should be one; nil if it isn't.
    static func parsed(_ bytes: [UInt8], _ limits: JSONLimits = JSONLimits()) -> JSONValue? {
        try? JSONValue(parsing: bytes, limits: limits)
    }

    private static func checkLimits(_ value: JSONValue, _ written: [UInt8]) {
        let depth = Self.depth(value)
        let exact = JSONLimits(maxDepth: depth, maxBytes: written.count)
        demand(Self.refusal(written, exact) == nil, "A text as deep and as long as it may be is refused: \(value)")
        if depth > 0 {
            let code = Self.refusal(written, JSONLimits(maxDepth: depth - 1))
            demand(code == .tooDeep, "A text is taken that is too deep: \(value)")
        }
        let code = Self.refusal(written, JSONLimits(maxBytes: written.count - 1))
        demand(code == .tooLarge, "A text is taken that is too long: \(value)")
    }

    private static func refusal(_ bytes: [UInt8], _ limits: JSONLimits) -> JSONError.Code? {
        do throws(JSONError) {
            _ = try JSONValue(parsing: bytes, limits: limits)
            return nil
        } catch {
            return error.code
        }
    }

    private static func depth(_ value: JSONValue) -> Int {
        switch value {
        case .null, .bool, .number, .string: 0
        case .array(let elements): 1 + (elements.map(Self.depth).max() ?? 0)
        case .object(let members): 1 + (members.values.map(Self.depth).max() ?? 0)
        }
    }

    private static func checkNumbers(_ value: JSONValue) {
        switch value {
        case .null, .bool, .string: break
        case .array(let elements): elements.forEach(Self.checkNumbers)
        case .object(let members): members.values.forEach(Self.checkNumbers)
        case .number(let number):
            demand(JSONNumber(text: number.text) == number, "\(number) is no number in the end")
            if number.text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || ($0 >= 0x30 && $0 <= 0x39) }) {
                demand(number.int == Int64(number.text), "\(number) is taken for \(String(describing: number.int))")
            }
            guard let int = number.int else { return }
            let (cents, isTooMuch) = int.multipliedReportingOverflow(by: 100)
            demand(number.scaled(digits: 2) == (isTooMuch ? nil : cents), "\(number) in cents is not \(cents)")
            demand(JSONNumber(int).int == int, "\(int) does not come back")
        }
    }
}
