import Foundation
import JSON
import Support
import Testing

@testable import Hub
@testable import REST

@Suite("openapi.yaml, asyncapi.yaml and their schemas")
struct DocumentTests {
    private static let methods: Set<String> = ["get", "put", "post", "delete", "patch"]
    /// What the front desk answers outside the table.
    private static let root = FrontDesk.rootPaths.filter { !$0.hasSuffix(".js") && !$0.hasSuffix(".css") }.map {
        "GET \($0) nobody"
    }

    let files: ProtocolFiles

    init() throws {
        self.files = try ProtocolFiles.shared.get()
    }

    /// Every operation of openapi.yaml.
    private func operations() throws -> [(method: String, path: String, shared: [JSONValue], operation: JSONValue)] {
        let paths = try #require(try self.files["openapi.yaml"]["paths"]?.object)
        return paths.flatMap { path, item in
            (item.object ?? [:]).filter { Self.methods.contains($0.key) }.map { method, operation in
                (method.uppercased(), path, item["parameters"]?.array ?? [], operation)
            }
        }
    }

    private func parameters(_ shared: [JSONValue], _ operation: JSONValue) -> Set<String> {
        Set((shared + (operation["parameters"]?.array ?? [])).compactMap { $0["$ref"]?.string })
    }

    private static func permission(_ requirement: Requirement) -> String {
        switch requirement {
        case .nobody: "nobody"
        case .signedIn: "signedIn"
        case .admin: "admin"
        case .permission(let module, let verb): "\(module.rawValue).\(verb.rawValue)"
        }
    }

    @Test("openapi.yaml has the routes of the server, each with what it asks of the caller, and no other")
    func routes() throws {
        let described = try self.operations().map { "\($0.method) \($0.path) \($0.operation["x-permission"]?.string ?? "–")" }
        let served = RouteTable.all().entries.map { entry in
            "\(entry.method.rawValue) /api/v1\(entry.path) \(Self.permission(entry.requirement))"
        }
        #expect(described.sorted() == (served + Self.root).sorted())
    }

    @Test("openapi.yaml offers Idempotency-Key where it is honoured, an id where the path has one, no token where none is read")
    func details() throws {
        let honouring = RouteTable.all().entries.filter(\.honoursIdempotencyKey).map { "\($0.method.rawValue) /api/v1\($0.path)" }
        for (method, path, shared, operation) in try self.operations() {
            let parameters = self.parameters(shared, operation)
            let offersKey = parameters.contains("#/components/parameters/IdempotencyKey")
            #expect(offersKey == honouring.contains("\(method) \(path)"), "\(method) \(path)")
            #expect(parameters.contains("#/components/parameters/Id") == path.contains("{id}"), "\(method) \(path)")
            let isOpen = operation["security"]?.array?.isEmpty == true
            #expect(isOpen == (operation["x-permission"]?.string == "nobody"), "\(method) \(path)")
        }
    }

    @Test("operations have names of their own and answers with descriptions")
    func answers() throws {
        let operations = try self.operations()
        #expect(Set(operations.map { $0.operation["operationId"]?.string }).count == operations.count)
        for (method, path, _, operation) in operations {
            let responses = try #require(operation["responses"]?.object, "\(method) \(path)")
            #expect(responses.contains { $0.key.hasPrefix("2") }, "\(method) \(path)")
            for (status, response) in responses {
                let response = try response["$ref"]?.string.map { try self.files.resolve($0, in: "openapi.yaml") } ?? response
                #expect(response["description"]?.string?.isEmpty == false, "\(method) \(path) \(status)")
            }
        }
    }

    @Test("every code that openapi.yaml names is in errors.yaml")
    func codesAreListed() throws {
        let text = try String(contentsOf: ProtocolFiles.folder.appendingPathComponent("openapi.yaml"), encoding: .utf8)
        let known = Set(ErrorCode.allCases.map(\.rawValue) + ["TLS_CERT", "TLS_KEY", "SETUP_OPEN"])
        for match in text.matches(of: /[A-Z]+(?:_[A-Z]+)+/) { #expect(known.contains(String(match.output)), "\(match.output)") }
    }

    @Test("every $ref leads somewhere")
    func references() throws {
        var count = 0
        func walk(_ value: JSONValue, _ file: String) throws {
            if let reference = value["$ref"]?.string {
                count += 1
                #expect(throws: Never.self) { try self.files.resolve(reference, in: file) }
            }
            for child in (value.array ?? []) + (value.object?.values ?? []) { try walk(child, file) }
        }
        for (file, document) in self.files.documents { try walk(document, file) }
        #expect(count > 100)
    }

    @Test("every schema is used")
    func noSchemaIsLeftOver() throws {
        var used: Set<String> = []
        func walk(_ value: JSONValue, _ file: String) {
            if let reference = value["$ref"]?.string {
                let pointer = reference.drop { $0 != "#" }
                used.insert(ProtocolFiles.target(of: reference, in: file) + pointer)
            }
            for child in (value.array ?? []) + (value.object?.values ?? []) { walk(child, file) }
        }
        for (file, document) in self.files.documents { walk(document, file) }
        // What stands for all of its kind is for tests and for readers.
        let roots = ["Command", "ServerFrame"].map { "schemas/realtime.yaml#/$defs/\($0)" }
        for (file, document) in self.files.documents where file.hasPrefix("schemas/") {
            for name in document["$defs"]?.object?.keys ?? [] {
                let schema = "\(file)#/$defs/\(name)"
                #expect(used.contains(schema) || roots.contains(schema), "\(schema)")
            }
        }
    }

    // MARK: The socket

    /// The values of `type` that a `oneOf` of schemas/realtime.yaml allows.
    private func types(_ name: String) throws -> Set<String> {
        let list = try self.files.resolve("schemas/realtime.yaml#/$defs/\(name)/oneOf", in: "").array ?? []
        return Set(
            try list.map { reference in
                let schema = try self.files.resolve(reference["$ref"]?.string ?? "", in: "schemas/realtime.yaml")
                let properties = schema["properties"] ?? schema["allOf"]?.array?.last?["properties"]
                return try #require(properties?["type"]?["const"]?.string)
            }
        )
    }

    @Test("asyncapi.yaml has the messages of the schemas, and no other")
    func messages() throws {
        let document = try self.files["asyncapi.yaml"]
        let messages = try #require(document["components"]?["messages"]?.object)
        let named = Set(messages.values.compactMap { $0["name"]?.string })
        #expect(named == (try self.types("Command")).union(try self.types("Reply")).union(try self.types("Event")))
        #expect(document["channels"]?["socket"]?["messages"]?.object?.keys.sorted() == messages.keys.sorted())
        for (key, message) in messages {
            let payload = try #require(message["payload"]?["$ref"]?.string)
            #expect(payload.hasSuffix("/\(key.prefix(1).uppercased())\(key.dropFirst())"), "\(key)")
        }
        #expect(SocketUpgrader.paths.contains(document["channels"]?["socket"]?["address"]?.string ?? ""))
    }

    @Test("the events that the sources report are the events that are described")
    func eventTypes() throws {
        let sources = Shell.repository.appendingPathComponent("Sources/REST").resolvingSymlinksInPath()
        let names = try #require(FileManager.default.enumerator(atPath: sources.path)).compactMap { $0 as? String }
        var reported: Set<String> = []
        for name in names where name.hasSuffix(".swift") {
            let text = try String(contentsOf: sources.appendingPathComponent(name), encoding: .utf8)
            for match in text.matches(of: /"([a-z]+:[a-z]+(?:-[a-z]+)*)"/) { reported.insert(String(match.output.1)) }
        }
        // The access topic is the nodes' own: no client may subscribe to it.
        let internalTypes: Set<String> = ["session:ended", "user:ended", "role:changed", "permissions:changed"]
        #expect(reported.subtracting(internalTypes) == (try self.types("Event")))
    }
}
