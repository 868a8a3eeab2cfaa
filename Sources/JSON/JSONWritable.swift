/// What can put itself into JSON text without becoming a ``JSONValue`` first.
public protocol JSONWritable {
    /// Appends exactly one JSON value, UTF-8, without white space around it.
    func writeJSON(to output: inout [UInt8])
}

extension JSONWritable {
    /// The value as JSON text.
    public var jsonBytes: [UInt8] {
        var output: [UInt8] = []
        self.writeJSON(to: &output)
        return output
    }
}

extension String: JSONWritable {
    /// Appends the string in quotes.
    public func writeJSON(to output: inout [UInt8]) { JSONText.appendQuoted(self, to: &output) }
}

extension Substring: JSONWritable {
    /// Appends the string in quotes.
    public func writeJSON(to output: inout [UInt8]) { JSONText.appendQuoted(self, to: &output) }
}

extension Bool: JSONWritable {
    /// Appends `true` or `false`.
    public func writeJSON(to output: inout [UInt8]) { output.append(contentsOf: (self ? "true" : "false").utf8) }
}

extension Int: JSONWritable {
    /// Appends the number.
    public func writeJSON(to output: inout [UInt8]) { JSONText.append(Int64(self), to: &output) }
}

extension Int64: JSONWritable {
    /// Appends the number.
    public func writeJSON(to output: inout [UInt8]) { JSONText.append(self, to: &output) }
}

extension Int32: JSONWritable {
    /// Appends the number.
    public func writeJSON(to output: inout [UInt8]) { JSONText.append(Int64(self), to: &output) }
}

extension JSONNumber: JSONWritable {
    /// Appends the number's text.
    public func writeJSON(to output: inout [UInt8]) { output.append(contentsOf: self.text.utf8) }
}

extension Optional: JSONWritable where Wrapped: JSONWritable {
    /// Appends the value, or `null`.
    public func writeJSON(to output: inout [UInt8]) {
        if let value = self { value.writeJSON(to: &output) } else { output.append(contentsOf: "null".utf8) }
    }
}

extension Array: JSONWritable where Element: JSONWritable {
    /// Appends an array of the elements.
    public func writeJSON(to output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        var isFirst = true
        for element in self {
            if isFirst { isFirst = false } else { output.append(UInt8(ascii: ",")) }
            element.writeJSON(to: &output)
        }
        output.append(UInt8(ascii: "]"))
    }
}

extension JSONObject: JSONWritable {
    /// Appends the object, its members in order.
    public func writeJSON(to output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        var isFirst = true
        for (key, value) in self {
            if isFirst { isFirst = false } else { output.append(UInt8(ascii: ",")) }
            JSONText.appendQuoted(key, to: &output)
            output.append(UInt8(ascii: ":"))
            value.writeJSON(to: &output)
        }
        output.append(UInt8(ascii: "}"))
    }

    /// The object as JSON text, without white space.
    public var text: String { String(decoding: self.jsonBytes, as: UTF8.self) }
}

extension JSONValue: JSONWritable {
    /// Appends the value, without white space.
    public func writeJSON(to output: inout [UInt8]) {
        switch self {
        case .null: output.append(contentsOf: "null".utf8)
        case .bool(let value): value.writeJSON(to: &output)
        case .number(let value): value.writeJSON(to: &output)
        case .string(let value): value.writeJSON(to: &output)
        case .array(let value): value.writeJSON(to: &output)
        case .object(let value): value.writeJSON(to: &output)
        }
    }

    /// Appends the value, without white space.
    public func write(to output: inout [UInt8]) { self.writeJSON(to: &output) }

    /// The value as JSON text, without white space.
    public var text: String { String(decoding: self.jsonBytes, as: UTF8.self) }
}

extension JSONValue: CustomStringConvertible {
    /// The value as JSON text.
    public var description: String { self.text }
}
