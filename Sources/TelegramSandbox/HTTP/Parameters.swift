import JSON

/// A call's parameters, however they came: in the URL, as a form, or as JSON. A form's values are text; of a name twice the last counts.
struct Parameters: Sendable {
    private(set) var values: JSONObject = [:]

    init() {}

    init(_ values: JSONObject) {
        self.values = values
    }

    mutating func add(_ other: JSONObject) {
        self.values = self.values.merging(other)
    }

    /// A text; numbers are taken for one.
    func string(_ name: String) -> String? {
        switch self.values[name] {
        case .string(let text): text
        case .number(let number): number.text
        case .bool(let value): value ? "true" : "false"
        default: nil
        }
    }

    /// A whole number; a text is taken for one.
    func int(_ name: String) -> Int64? {
        switch self.values[name] {
        case .number(let number): number.int
        case .string(let text): Int64(text)
        default: nil
        }
    }

    /// Whether it is true, in one of Telegram's spellings.
    func bool(_ name: String) -> Bool {
        ["true", "yes", "1"].contains(self.string(name)?.lowercased())
    }

    /// An object or an array, which in a form is JSON text; nil if there is none.
    func json(_ name: String) throws(APIError) -> JSONValue? {
        switch self.values[name] {
        case nil, .null, .string(""): return nil
        case .string(let text):
            do throws(JSONError) {
                return try JSONValue(parsing: text, limits: JSONLimits(maxDepth: 10, maxBytes: 1 << 16))
            } catch {
                throw .badRequest("can't parse \(name) JSON object")
            }
        case let value: return value
        }
    }
}
