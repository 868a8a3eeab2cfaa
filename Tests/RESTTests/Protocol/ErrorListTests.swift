import JSON
import Support
import Testing

@testable import Hub
@testable import REST

@Suite("errors.yaml")
struct ErrorListTests {
    let files: ProtocolFiles

    init() throws {
        self.files = try ProtocolFiles.shared.get()
    }

    private func list(_ name: String) throws -> JSONObject {
        try #require(try self.files["errors.yaml"][name]?.object)
    }

    @Test("it lists the codes that REST answers with, each with its status, and no other")
    func restCodes() throws {
        let described = try self.list("rest").map { "\($0.key) \($0.value["status"]?.int ?? 0)" }
        let sent = ErrorCode.allCases.map { "\($0.rawValue) \($0.status)" }
        #expect(described.sorted() == sent.sorted())
    }

    @Test("it lists the codes of error frames, and no other")
    func socketCodes() throws {
        #expect(try self.list("socket").keys.sorted() == SocketError.allCases.map(\.rawValue).sorted())
        let schema = try self.files.resolve("schemas/realtime.yaml#/$defs/Error/properties/code/enum", in: "")
        #expect(Set(schema.array?.compactMap(\.string) ?? []) == Set(SocketError.allCases.map(\.rawValue)))
    }

    @Test("it lists our close codes under their names, and no other")
    func closeCodes() throws {
        let described = try self.list("close").map { "\($0.key) \($0.value["name"]?.string ?? "")" }
        #expect(described.sorted() == SocketClose.allCases.map { "\($0.rawValue) \($0)" }.sorted())
    }

    @Test("it says of each code what it means and what to do", arguments: ["rest", "socket", "close", "standardClose"])
    func meanings(_ name: String) throws {
        for (code, entry) in try self.list(name) {
            #expect(entry["meaning"]?.string?.isEmpty == false, "\(code) has no meaning")
            #expect(entry["action"]?.string?.isEmpty == false, "\(code) has no action")
        }
    }

    @Test("what an answer has is what its schema says", arguments: ErrorCode.allCases)
    func bodies(_ code: ErrorCode) throws {
        var error = APIError(code)
        error.fields = ["phone": LocalizedText("is taken", "уже є в базі")]
        for language in [Language.english, .ukrainian] {
            let body = try JSONValue(parsing: error.body(in: language))
            let errors = try SchemaChecker(files: self.files).errors(in: body, against: "schemas/error.yaml#/$defs/Error")
            #expect(errors.isEmpty)
        }
    }
}
