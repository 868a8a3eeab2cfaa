import JSON
import Testing

@testable import TelegramSandbox

@Suite struct WorldTests {
    private static let bot = Person(id: 7, isBot: true, firstName: "Bot", username: "a_bot")
    private static let oksana: Int64 = 5_000_000_001

    private var world = World(bot: Self.bot, now: 1000)

    private mutating func call(_ method: String, _ parameters: JSONObject, now: Double = 1000) throws(APIError) -> JSONValue {
        try self.world.call(method, Parameters(parameters), now: now).result
    }

    @Test mutating func `a tap can be answered for a minute`() throws {
        _ = try self.world.open(Self.oksana, start: nil, now: 1000)
        for (query, now) in [("1", 1059.0), ("2", 1060)] {
            _ = try self.world.send(Self.oksana, in: Self.oksana, message: 1, data: "a", query: query, now: 1000)
            let isInTime = (try? self.call("answerCallbackQuery", ["callback_query_id": .string(query)], now: now)) != nil
            #expect(isInTime == (now < 1060))
        }
    }

    @Test mutating func `a chat takes a burst of messages, then one a second`() throws {
        _ = try self.world.open(Self.oksana, start: nil, now: 1000)
        let message: JSONObject = ["chat_id": JSONValue(Self.oksana), "text": "a"]
        for _ in 0..<20 { _ = try self.call("sendMessage", message) }
        let flood = #expect(throws: APIError.self) { try self.call("sendMessage", message) }
        #expect(flood == APIError(429, "Too Many Requests: retry after 1", retryAfter: 1))
        _ = try self.call("sendMessage", message, now: 1001)
        #expect(throws: APIError.self) { try self.call("sendMessage", message, now: 1001) }
    }

    @Test mutating func `whatever grows has an end`() throws {
        for number in 0..<1200 {
            _ = try self.world.write(Self.oksana, in: Self.oksana, .init(text: "\(number)"), now: 1000)
            _ = try self.world.send(Self.oksana, in: Self.oksana, message: 1, data: "a", query: "\(number)", now: 1000)
            self.world.record("sendMessage", [:], status: 200)
        }
        #expect(self.world.rooms[Self.oksana]?.posts.count == Room.longestHistory)
        #expect(self.world.updates.entries.count == UpdateQueue.limit)
        #expect(self.world.taps.count == Tap.limit)
        #expect(self.world.calls.count == Call.limit)
        #expect(self.world.calls.last?.number == 1200)
        let refusal = #expect(throws: ControlError.self) {
            for _ in 0..<600 { _ = try self.world.add(Person(id: 0, firstName: "a")) }
        }
        #expect(refusal?.status == 409)
    }

    @Test func `updates of a later sandbox have higher numbers`() {
        var (earlier, later) = (UpdateQueue(firstID: 1000), UpdateQueue(firstID: 2000))
        for _ in 0..<3 { earlier.append("message", [:]) }
        later.append("message", [:])
        #expect(earlier.entries.map(\.id) == [1000, 1001, 1002])
        #expect(later.entries.map(\.id) == [2000])
    }

    @Test func `an update that comes again stands in its place and uses up no number`() {
        var queue = UpdateQueue(firstID: 10)
        for _ in 0..<3 { queue.append("message", [:]) }
        queue.confirm(12)
        queue.insert(.init(id: 10, json: [:]))
        queue.append("message", [:])
        #expect(queue.entries.map(\.id) == [10, 12, 13])
        queue.insert(.init(id: 50, json: [:]))
        queue.append("message", [:])
        #expect(queue.entries.map(\.id) == [10, 12, 13, 50, 51])
        queue.confirm(-2)
        #expect(queue.entries.map(\.id) == [50, 51])
    }

    @Test mutating func `a poll that was ended is told so, even if updates came meanwhile`() throws {
        let older = try self.world.beginPoll()
        _ = try self.world.beginPoll()
        self.world.updates.append("message", [:])
        #expect(throws: APIError.otherPoll) { try self.world.look(poll: older, limit: 1) }
    }

    @Test(arguments: [
        "{}", #"{"inline_keyboard":[]}"#, #"{"inline_keyboard":[[]]}"#, #"{"keyboard":[]}"#,
    ])
    func `a markup without inline buttons is none`(json: String) throws {
        #expect(try Keyboard(JSONValue(parsing: json)) == nil)
    }

    @Test(arguments: [
        "[]", #"{"inline_keyboard":{}}"#, #"{"inline_keyboard":[{}]}"#, #"{"inline_keyboard":[["a"]]}"#,
        #"{"inline_keyboard":[[{"callback_data":"a"}]]}"#, #"{"inline_keyboard":[[{"text":"a"}]]}"#,
        #"{"inline_keyboard":[[{"text":"a","callback_data":""}]]}"#,
        #"{"inline_keyboard":[[{"text":"a","url":"javascript:a"}]]}"#,
        #"{"inline_keyboard":[["# + String(repeating: #"{"text":"a","callback_data":"a"},"#, count: 8)
            + #"{"text":"a","callback_data":"a"}]]}"#,
    ])
    func `a markup that Telegram refuses`(json: String) throws {
        let markup = try JSONValue(parsing: json)
        #expect(throws: APIError.self) { try Keyboard(markup) }
    }

    @Test mutating func `an ordered failure is used up`() {
        self.world.faults = [
            Fault(method: "sendmessage", error: .flood(3), times: 2), Fault(method: nil, error: .notFound, times: 1),
        ]
        #expect(self.world.takeFault("SendMessage") == .flood(3))
        #expect(self.world.takeFault("getMe") == .notFound)
        #expect(self.world.takeFault("getMe") == nil)
        #expect(self.world.takeFault("sendMessage") == .flood(3))
        #expect(self.world.takeFault("sendMessage") == nil)
        #expect(self.world.faults.isEmpty)
    }
}
