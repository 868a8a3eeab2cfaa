import JSON
import Testing

@testable import Telegram

@Suite struct UpdateTests {
    private static let person: JSONValue = [
        "id": 5_123_456_789, "is_bot": false, "first_name": "Ліна", "last_name": "К", "username": "lina", "language_code": "uk",
        "is_premium": true,
    ]
    private static let lina = TelegramUser(
        id: 5_123_456_789,
        firstName: "Ліна",
        lastName: "К",
        username: "lina",
        languageCode: "uk"
    )
    private static let chat: JSONValue = ["id": 5_123_456_789, "type": "private", "first_name": "Ліна"]

    private static func message(_ more: JSONObject = [:]) -> JSONValue {
        let plain: JSONObject = [
            "message_id": 9, "from": self.person, "chat": self.chat, "date": 1_700_000_000, "text": "/start",
        ]
        return .object(plain.merging(more))
    }

    private static func parsed(_ more: JSONObject) throws -> Message {
        let update = try #require(Update(json: ["update_id": 1, "message": self.message(more)]))
        guard case .message(let message) = update.event else { throw NotAMessage() }
        return message
    }

    private struct NotAMessage: Error {}

    @Test func `a message is read with who sent it, where and when`() throws {
        let update = try #require(Update(json: ["update_id": 8_000_000_001, "message": Self.message()]))
        let chat = Chat(id: 5_123_456_789, kind: .private)
        #expect(
            update
                == Update(
                    id: 8_000_000_001,
                    event: .message(Message(id: 9, chat: chat, from: Self.lina, date: 1_700_000_000, text: "/start"))
                )
        )
    }

    @Test(
        arguments: [
            ["forward_origin": ["type": "user"]], ["forward_date": 1], ["forward_from": ["id": 1]],
            ["is_automatic_forward": true],
        ] as [JSONObject]
    )
    func `a forwarded message says so`(more: JSONObject) throws {
        #expect(try Self.parsed(more).isForwarded)
        #expect(try !Self.parsed([:]).isForwarded)
    }

    @Test func `so do an edited one and one by way of a bot`() throws {
        #expect(try Self.parsed(["edit_date": 1]).isEdited)
        #expect(try Self.parsed(["via_bot": ["id": 1]]).isByAnotherBot)
        #expect(try Self.parsed(["sender_business_bot": ["id": 1]]).isByAnotherBot)
        let plain = try Self.parsed(["via_bot": nil, "edit_date": nil, "forward_date": nil])
        #expect(!plain.isEdited && !plain.isByAnotherBot && !plain.isForwarded)
    }

    @Test(arguments: [
        ("private", Chat.Kind.private), ("group", .group), ("supergroup", .supergroup), ("channel", .channel), ("new", .other),
    ])
    func `the kinds of chats`(type: String, kind: Chat.Kind) throws {
        #expect(
            try Self.parsed(["chat": ["id": -1_001_234_567_890, "type": .string(type)]]).chat
                == Chat(id: -1_001_234_567_890, kind: kind)
        )
    }

    @Test func `a tap is read with its message, or with what is left of it`() throws {
        let query: JSONObject = ["id": "4382bfdwdsb323b2d9", "from": Self.person, "chat_instance": "1", "data": "confirm:abc"]
        let old: JSONValue = ["message_id": 9, "date": 0, "chat": Self.chat]
        for (json, date) in [(Self.message(), 1_700_000_000 as Int64?), (old, 0), (nil, nil)] as [(JSONValue, Int64?)] {
            let update = Update(json: ["update_id": 2, "callback_query": .object(query.merging(["message": json]))])
            guard case .callbackQuery(let tap) = update?.event else {
                #expect(Bool(false), "no tap: \(String(describing: update))")
                continue
            }
            #expect(tap.id == "4382bfdwdsb323b2d9")
            #expect(tap.from == Self.lina)
            #expect(tap.data == "confirm:abc")
            #expect(tap.message?.date == date)
        }
    }

    @Test(
        arguments: [
            ["edited_message": message()], ["channel_post": message()], ["my_chat_member": [:]], [:], ["message": nil],
            ["message": 5],
            ["message": ["message_id": 1]], ["message": ["chat": chat]], ["callback_query": ["id": "1"]],
            ["callback_query": ["from": person]],
            ["callback_query": []],
        ] as [JSONObject]
    )
    func `whatever else comes keeps its number, so that it can be passed over`(content: JSONObject) {
        let update = Update(json: .object(content.merging(["update_id": 3])))
        #expect(update == Update(id: 3, event: .other))
    }

    @Test(arguments: [nil, [], 5, [:], ["update_id": "1"], ["update_id": nil]] as [JSONValue])
    func `what has no number is nothing`(json: JSONValue) {
        #expect(Update(json: json) == nil)
    }
}
