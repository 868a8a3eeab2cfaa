import Foundation
import JSON

/// Checks values against the schemas of `Protocol/`: the part of JSON Schema 2020-12 that they use. A keyword that is not known
/// here is an error, so that nothing is left unchecked in silence.
public struct SchemaChecker: Sendable {
    private let files: ProtocolFiles

    private static let notes: Set<String> = ["description", "examples", "title", "$defs", "$schema", "contentMediaType"]

    /// - Parameter files: where the schemas are
    public init(files: ProtocolFiles) {
        self.files = files
    }

    /// What is wrong with a value, a line each.
    ///
    /// - Parameter reference: a schema, for example `schemas/error.yaml#/$defs/Error`
    public func errors(in value: JSONValue, against reference: String) throws -> [String] {
        try self.errors(value, self.files.resolve(reference, in: ""), ProtocolFiles.target(of: reference, in: ""), "")
    }

    /// The same for a schema that stands in a file under no name.
    ///
    /// - Parameters:
    ///   - value: the value
    ///   - schema: the schema itself
    ///   - file: where it stands: its references are relative to that
    public func errors(in value: JSONValue, as schema: JSONValue, of file: String) throws -> [String] {
        try self.errors(value, schema, file, "")
    }

    private func errors(_ value: JSONValue, _ schema: JSONValue, _ file: String, _ path: String) throws -> [String] {
        guard let keywords = schema.object else { return ["\(path): the schema is no object"] }
        var errors: [String] = []
        for (keyword, content) in keywords where !Self.notes.contains(keyword) {
            errors += try self.errors(value, keyword, content, schema, file, path)
        }
        return errors
    }

    private func errors(
        _ value: JSONValue,
        _ keyword: String,
        _ content: JSONValue,
        _ schema: JSONValue,
        _ file: String,
        _ path: String
    ) throws -> [String] {
        func refuse(unless isGood: Bool) -> [String] {
            isGood ? [] : ["\(path): \(keyword) \(content.text) against \(value.text)"]
        }
        func failures(_ schemas: JSONValue) throws -> [[String]] {
            try (schemas.array ?? []).map { try self.errors(value, $0, file, path) }
        }
        switch keyword {
        case "$ref":
            let reference = content.string ?? ""
            let target = try self.files.resolve(reference, in: file)
            return try self.errors(value, target, ProtocolFiles.target(of: reference, in: file), path)
        case "type":
            return refuse(unless: (content.array ?? [content]).contains { $0.string.map { Self.isOf($0, value) } ?? false })
        case "const":
            return refuse(unless: value == content)
        case "enum":
            return refuse(unless: content.array?.contains(value) ?? false)
        case "pattern":
            guard let text = value.string else { return [] }
            return refuse(unless: try Regex(content.string ?? "").firstMatch(in: text) != nil)
        case "minLength":
            return refuse(unless: Int64(value.string?.unicodeScalars.count ?? .max) >= content.int ?? 0)
        case "maxLength":
            return refuse(unless: Int64(value.string?.unicodeScalars.count ?? 0) <= content.int ?? 0)
        case "format":
            return refuse(unless: value.string.map { Self.isOf(format: content.string ?? "", $0) } ?? true)
        case "multipleOf":
            // Of 0.01 and 0.001: no more decimals than those.
            guard let number = value.number, let step = content.number?.text, step.hasPrefix("0.0"), step.hasSuffix("1") else {
                return refuse(unless: value.number == nil)
            }
            return refuse(unless: number.text.drop { $0 != "." }.count < step.count && !number.text.lowercased().contains("e"))
        case "minimum":
            return refuse(unless: Self.double(value).map { $0 >= Self.double(content) ?? 0 } ?? true)
        case "maximum":
            return refuse(unless: Self.double(value).map { $0 <= Self.double(content) ?? 0 } ?? true)
        case "maxItems":
            return refuse(unless: Int64(value.array?.count ?? 0) <= content.int ?? 0)
        case "required":
            guard let object = value.object else { return [] }
            return refuse(unless: (content.array ?? []).allSatisfy { object[$0.string ?? ""] != nil })
        case "properties":
            return try (content.object ?? [:]).flatMap { name, property in
                try value[name].map { try self.errors($0, property, file, "\(path)/\(name)") } ?? []
            }
        case "additionalProperties":
            let others = (value.object ?? [:]).filter { schema["properties"]?[$0.key] == nil }
            if content.bool == false { return refuse(unless: others.isEmpty) }
            return try others.flatMap { try self.errors($0.value, content, file, "\(path)/\($0.key)") }
        case "items":
            return try (value.array ?? []).flatMap { try self.errors($0, content, file, "\(path)/…") }
        case "allOf":
            return try failures(content).flatMap(\.self)
        case "anyOf":
            return refuse(unless: try failures(content).contains { $0.isEmpty })
        case "oneOf":
            return refuse(unless: try failures(content).count { $0.isEmpty } == 1)
        default:
            return ["\(path): \(keyword) is not known to this checker"]
        }
    }

    private static func isOf(format: String, _ text: String) -> Bool {
        switch format {
        case "date-time": (try? Date(text, strategy: .iso8601.year().month().day().time(includingFractionalSeconds: true))) != nil
        case "email": text.contains("@")
        default: false
        }
    }

    private static func double(_ value: JSONValue) -> Double? {
        value.number.flatMap { Double($0.text) }
    }

    private static func isOf(_ type: String, _ value: JSONValue) -> Bool {
        switch type {
        case "object": value.object != nil
        case "array": value.array != nil
        case "string": value.string != nil
        case "number": value.number != nil
        case "integer": value.int != nil
        case "boolean": value.bool != nil
        case "null": value.isNull
        default: false
        }
    }
}
