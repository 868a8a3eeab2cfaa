import Yams

extension Node {
    /// As JSON, with the members in their order.
    var json: String {
        get throws {
            switch self {
            case .mapping(let mapping):
                let members = try mapping.map { key, value in
                    guard let name = key.scalar?.string else { throw BundlingError("a key that is no text") }
                    return Self.quoted(name) + ":" + (try value.json)
                }
                return "{" + members.joined(separator: ",") + "}"
            case .sequence(let sequence):
                return "[" + (try sequence.map { try $0.json }).joined(separator: ",") + "]"
            case .scalar(let scalar):
                switch self.any {
                case let value as Bool: return value ? "true" : "false"
                case is Int, is Double: return scalar.string
                case is String: return Self.quoted(scalar.string)
                default: return scalar.string == "null" || scalar.string == "~" ? "null" : Self.quoted(scalar.string)
                }
            case .alias:
                throw BundlingError("aliases are not used here")
            }
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20: quoted += "\\u" + String(scalar.value + 0x10000, radix: 16).dropFirst()
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
