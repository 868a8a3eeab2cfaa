import Hub
import Logging
import NIOCore
import Postgres
import Testing

@testable import REST

@Suite("What an event of the access topic does to sockets")
struct AccessChangeTests {
    @Test(
        "every type is read; the end of a user concerns the sessions up to the newest that there was, all if none is named",
        arguments: [
            ("session:ended", #"{"sessionId":5}"#, .sessionEnded(5)),
            ("user:ended", #"{"userId":7,"sessionId":5}"#, .userEnded(7, through: 5)),
            ("user:ended", #"{"userId":7}"#, .userEnded(7, through: .max)),
            (
                "role:changed", #"{"userId":7,"role":"master","permissions":["calendar.view","x.y"]}"#,
                .roleChanged(user: 7, role: "master", rights: Permissions(words: ["calendar.view"]).bits)
            ),
            (
                "permissions:changed", #"{"role":"master","permissions":["clients.view","staff.export"]}"#,
                .rightsChanged(role: "master", rights: Permissions(words: ["clients.view", "staff.export"]).bits)
            ),
            (
                "role:changed", #"{"userId":7,"role":"master"}"#,
                .roleChanged(user: 7, role: "master", rights: RoleMatrix.permissions(of: .master).bits)
            ),
            ("role:changed", #"{"userId":7,"permissions":[]}"#, .none), ("permissions:changed", #"{"role":"owner"}"#, .none),
            ("user:ended", "{}", .none), ("user:ended", "nonsense", .none),
            ("something:else", #"{"userId":7}"#, .none),
        ] as [(String, String, AccessChange)]
    )
    func changes(_ type: String, _ data: String, _ expected: AccessChange) {
        let access = SalonAccess(
            client: PostgresClient(
                configuration: PostgresConfiguration(url: "postgres://127.0.0.1:1/none"),
                logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            ),
            signer: TokenSigner(secret: "a key of the tests, of more than thirty-two bytes")
        )
        let event = CommittedEvent(
            topic: "salon/1/access",
            seq: 1,
            epoch: "E1",
            type: type,
            version: nil,
            at: 0,
            data: ByteBuffer(string: data)
        )
        #expect(access.change(in: event) == expected)
    }
}
