import Foundation
import JSON
import Yams

/// The files of `Protocol/`, with YAML read as JSON values.
public struct ProtocolFiles: Sendable {
    /// A reference that leads nowhere.
    public struct BrokenReference: Error, CustomStringConvertible {
        /// Where it stands and where it should lead.
        public var description: String
    }

    /// Every YAML file by its path below `Protocol/`, for example `schemas/error.yaml`.
    public let documents: [String: JSONValue]

    /// Read once for all tests.
    public static let shared = Result { try ProtocolFiles() }

    /// Where they are.
    public static let folder = Shell.repository.appendingPathComponent("Protocol")

    /// Reads them.
    public init() throws {
        var documents: [String: JSONValue] = [:]
        for folder in ["", "schemas/"] {
            let directory = Self.folder.appendingPathComponent(folder).resolvingSymlinksInPath()
            for name in try FileManager.default.contentsOfDirectory(atPath: directory.path) where name.hasSuffix(".yaml") {
                documents[folder + name] = try Self.yaml(directory.appendingPathComponent(name))
            }
        }
        self.documents = documents
    }

    /// A file by its path below `Protocol/`.
    public subscript(name: String) -> JSONValue {
        get throws { try self.resolve("\(name)#", in: "") }
    }

    /// Follows a `$ref`.
    ///
    /// - Parameters:
    ///   - reference: a file relative to `file`'s folder, or nothing, then `#` and a JSON pointer (RFC 6901)
    ///   - file: the file that it stands in
    public func resolve(_ reference: String, in file: String) throws -> JSONValue {
        let target = Self.target(of: reference, in: file)
        let pointer = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first ?? ""
        guard var value = self.documents[target] else { throw BrokenReference(description: "\(file): no file for \(reference)") }
        for part in pointer.split(separator: "/") {
            let name = part.replacing("~1", with: "/").replacing("~0", with: "~")
            guard let member = value[String(name)] else { throw BrokenReference(description: "\(file): nothing at \(reference)") }
            value = member
        }
        return value
    }

    /// The file that a reference leads to.
    public static func target(of reference: String, in file: String) -> String {
        let name = reference.prefix { $0 != "#" }
        guard !name.isEmpty else { return file }
        return file.split(separator: "/").dropLast().map { "\($0)/" }.joined() + name
    }

    /// A list of golden frames.
    public static func vectors(_ name: String) throws -> [JSONValue] {
        let file = self.folder.appendingPathComponent("vectors/\(name).json")
        guard let list = try JSONValue(parsing: Array(Data(contentsOf: file))).array else {
            throw BrokenReference(description: "\(name) is no list")
        }
        return list
    }

    private static func yaml(_ file: URL) throws -> JSONValue {
        self.value(try Yams.load(yaml: String(contentsOf: file, encoding: .utf8)))
    }

    private static func value(_ any: Any?) -> JSONValue {
        switch any {
        case let value as Bool: .bool(value)
        case let value as Int: JSONValue(value)
        case let value as Double: JSONValue(JSONNumber(text: "\(value)"))
        case let value as String: .string(value)
        case let values as [Any]: .array(values.map { self.value($0) })
        case let members as [AnyHashable: Any]:
            .object(JSONObject(members.sorted { "\($0.key)" < "\($1.key)" }.map { ("\($0.key)", self.value($0.value)) }))
        default: .null
        }
    }
}
