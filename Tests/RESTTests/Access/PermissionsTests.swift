import JSON
import Testing

@testable import REST

@Suite("Permissions as words and as a set")
struct PermissionsTests {
    @Test("every word that the server knows is one bit, and comes back", arguments: Module.allCases)
    func words(_ module: Module) {
        for verb in Verb.allCases {
            let word = Permissions.word(module, verb)
            let permissions = Permissions(words: [word])
            #expect(permissions.words == [word])
            #expect(permissions.bits.nonzeroBitCount == 1)
            for other in Module.allCases {
                for otherVerb in Verb.allCases {
                    #expect(permissions.allows(other, otherVerb) == (other == module && otherVerb == verb))
                }
            }
        }
    }

    @Test("words that only clients know allow nothing here")
    func unknownWords() {
        #expect(Permissions(words: ["loyalty.view", "clients", "clients.", "clients.VIEW", "", "clients.view.all"]) == .none)
        #expect(Permissions(words: ["loyalty.view", "clients.view", "clients.view"]).words == ["clients.view"])
    }

    @Test("a role without words of its own may do what the matrix says; one with them, what they say")
    func defaults() {
        for role in Role.allCases {
            #expect(RoleRights.permissions(of: role, set: nil) == RoleMatrix.permissions(of: role))
            #expect(RoleRights.permissions(of: role, set: []) == .none)
        }
        #expect(RoleMatrix.permissions(of: .admin).words.count == Module.allCases.count * Verb.allCases.count)
        #expect(RoleMatrix.permissions(of: .master).words == ["calendar.view", "clients.view", "services.view"])
        #expect(!RoleMatrix.permissions(of: .receptionist).allows(.clients, .export))
    }

    @Test(
        "a list of permissions is read in both forms, each word once",
        arguments: [
            (#"["clients.view","x.y","clients.view"]"#, ["clients.view", "x.y"]),
            (#"{"clients":{"view":true,"edit":false},"x":{"y":true}}"#, ["clients.view", "x.y"]), ("[]", []), ("{}", []),
        ]
    )
    func lists(_ json: String, _ words: [String]) throws {
        let body: JSONObject = ["permissions": try JSONValue(parsing: json)]
        #expect(try PermissionList.read(body, for: .master) == words)
    }

    @Test(
        "what is no list of words is refused",
        arguments: [
            "null", "7", #""clients.view""#, "[7]", #"[""]"#, #"["clients view"]"#, #"["Клієнти"]"#, #"{"clients":true}"#,
            #"{"clients":{"view":1}}"#, "[" + Array(repeating: #""a.b""#, count: 301).joined(separator: ",") + "]",
            "[\"" + String(repeating: "a", count: 101) + "\"]",
        ]
    )
    func refusedLists(_ json: String) throws {
        let body: JSONObject = ["permissions": try JSONValue(parsing: json)]
        #expect(throws: APIError.self) { try PermissionList.read(body, for: .master) }
    }

    @Test("an administrator keeps what would lock everybody out", arguments: ["settings.view", "settings.edit"])
    func lockOut(_ word: String) throws {
        let rest = RoleMatrix.permissions(of: .admin).words.filter { $0 != word }.map { JSONValue.string($0) }
        #expect(throws: APIError.self) { try PermissionList.read(["permissions": .array(rest)], for: .admin) }
        #expect(try PermissionList.read(["permissions": .array(rest)], for: .manager).count == rest.count)
    }
}
