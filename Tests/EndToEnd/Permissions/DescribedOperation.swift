import Foundation
import JSON
import REST
import Support
import Testing

/// An operation of openapi.yaml, as walks over all of them ask for it.
struct DescribedOperation: Sendable, CustomTestStringConvertible {
    /// Something beside path and body that a request may carry.
    struct Parameter: Sendable {
        var name: String
        var isHeader: Bool
        var schema: JSONValue

        /// A value that the schema refuses; `nil` if any text will do.
        func wrongValue() throws -> String? {
            let checker = SchemaChecker(files: try ProtocolFiles.shared.get())
            return try ["nonsense", String(repeating: "x", count: 256)].first { text in
                try !checker.errors(in: .string(text), as: self.schema, of: "openapi.yaml").isEmpty
            }
        }
    }

    var method: String
    var path: String
    var statuses: Set<String>
    /// Whether it looks at no token.
    var isOpen: Bool
    var hasBody: Bool
    /// Of the query and the head.
    var parameters: [Parameter]

    var testDescription: String { "\(self.method) \(self.path)" }

    /// Whether its body is a form with a file.
    var isImport: Bool { self.path.hasSuffix("/import") }

    /// The path with something in the place of its parameters.
    var target: String {
        self.path.replacing("{role}", with: "master").replacing("{auth_code}", with: String(repeating: "a", count: 43))
            .replacing(/\{[a-zA-Z]+\}/, with: "1")
    }

    /// How the permission walk asks for it.
    var row: WalkRow? {
        let shape = WalkRow.shape(self.method, String(self.path.trimmingPrefix("/api/v1")))
        return WalkRow.all.first { $0.shape == shape }
    }

    /// Those below `/api/v1`.
    static func all() throws -> [DescribedOperation] { try self.described { $0.hasPrefix("/api/v1/") } }

    /// Those outside it: what a node says of itself.
    static func root() throws -> [DescribedOperation] { try self.described { !$0.hasPrefix("/api/v1/") } }

    private static func described(where isWanted: (String) -> Bool) throws -> [DescribedOperation] {
        let files = try ProtocolFiles.shared.get()
        let paths = try files["openapi.yaml"]["paths"]?.object ?? [:]
        return try paths.filter { isWanted($0.key) }.flatMap { path, item in
            try (item.object ?? [:]).filter { $0.key != "parameters" }.map { method, operation in
                DescribedOperation(
                    method: method.uppercased(),
                    path: path,
                    statuses: Set(operation["responses"]?.object?.keys ?? []),
                    isOpen: operation["security"]?.array?.isEmpty == true,
                    hasBody: operation["requestBody"] != nil,
                    parameters: try (operation["parameters"]?.array ?? []).compactMap { try self.parameter($0, files) }
                )
            }
        }
    }

    /// - Returns: `nil` for a part of the path
    private static func parameter(_ described: JSONValue, _ files: ProtocolFiles) throws -> Parameter? {
        let parameter = try described["$ref"]?.string.map { try files.resolve($0, in: "openapi.yaml") } ?? described
        guard let place = parameter["in"]?.string, place != "path", let name = parameter["name"]?.string else { return nil }
        return Parameter(name: name, isHeader: place == "header", schema: parameter["schema"] ?? .null)
    }

    /// Asks for it in a login's name, from an address that nothing has come from.
    func ask(
        _ desk: Desk,
        query: String = "",
        type: String? = nil,
        body: String? = nil,
        more: [(String, String)] = []
    ) async throws -> HTTPAnswer {
        var headers = [("Authorization", "Bearer \(desk.token)"), ("X-Forwarded-For", Salon.freshAddress())] + more
        if let type { headers.append(("Content-Type", type)) }
        return try await desk.node.http.request(
            self.method,
            self.target + query,
            headers: headers,
            body: body.map { Array($0.utf8) }
        )
    }
}
