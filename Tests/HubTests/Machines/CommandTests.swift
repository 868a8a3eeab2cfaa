import JSON
import NIOCore
import Testing

@testable import Hub

@Suite("What a client says is read strictly, and its id always found")
struct CommandTests {
    static func describe(_ text: String) -> String {
        do throws(Command.Malformed) {
            let (command, id) = try Command.parse(ByteBuffer(string: text))
            let suffix = id.map { " #\($0)" } ?? ""
            return switch command {
            case .auth(let token): "auth \(token)\(suffix)"
            case .subscribe(let topic, let since, let epoch):
                "subscribe \(topic) since \(since.map(String.init) ?? "-") epoch \(epoch ?? "-")\(suffix)"
            case .unsubscribe(let topic): "unsubscribe \(topic)\(suffix)"
            case .ping: "ping\(suffix)"
            case .enter(let room, let state): "enter \(room) \(state.map { JSONValue.object($0).text } ?? "-")\(suffix)"
            case .leave(let room): "leave \(room)\(suffix)"
            case .hold(let slot): "hold \(self.describe(slot))\(suffix)"
            case .release(let slot): "release \(self.describe(slot))\(suffix)"
            }
        } catch {
            return "malformed" + (error.id.map { " #\($0)" } ?? "")
        }
    }

    private static func describe(_ slot: SlotWish) -> String {
        let numbers = [slot.staffID, slot.fence].map { $0.map(String.init) ?? "-" }
        return ([numbers[0]] + [slot.date, slot.startTime, slot.endTime].map { $0 ?? "-" } + [numbers[1]]).joined(separator: " ")
    }

    static let longRoom = String(repeating: "r", count: 65)
    static let longState = String(repeating: "s", count: 1_020)
    static let longTopic = String(repeating: "x", count: 257)
    static let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
    static let longToken = String(repeating: "t", count: 4_097)

    @Test(
        "message by message",
        arguments: [
            (#"{"type":"ping"}"#, "ping"),
            (#" {"type" : "ping", "unknown": [1,{}]} "#, "ping"),
            (#"{"type":"ping","id":1}"#, "ping #\(JSONValue(1))"),
            (#"{"type":"ping","id":"a"}"#, "ping #\(JSONValue("a"))"),
            (#"{"type":"ping","id":null}"#, "ping"),
            (#"{"type":"ping","id":[]}"#, "malformed"),
            (#"{"type":"ping","id":true}"#, "malformed"),
            (#"{"type":"auth","token":"T"}"#, "auth T"),
            (#"{"type":"auth","id":7}"#, "malformed #\(JSONValue(7))"),
            (#"{"type":"auth","token":7}"#, "malformed"),
            (#"{"type":"auth","token":"\#(longToken)"}"#, "malformed"),
            (#"{"type":"subscribe","topic":"a"}"#, "subscribe a since - epoch -"),
            (#"{"type":"subscribe","topic":"a","since":null,"epoch":null}"#, "subscribe a since - epoch -"),
            (#"{"type":"subscribe","topic":"a","since":0,"epoch":"E"}"#, "subscribe a since 0 epoch E"),
            (#"{"type":"subscribe","topic":"a","since":-1}"#, "subscribe a since -1 epoch -"),
            (#"{"type":"subscribe","topic":"a","since":5.0}"#, "subscribe a since 5 epoch -"),
            (#"{"type":"subscribe","topic":"a","since":9223372036854775807}"#, "subscribe a since 9223372036854775807 epoch -"),
            (#"{"type":"subscribe","topic":"a","since":9223372036854775808}"#, "malformed"),
            (#"{"type":"subscribe","topic":"a","since":1.5}"#, "malformed"),
            (#"{"type":"subscribe","topic":"a","since":"1","id":3}"#, "malformed #\(JSONValue(3))"),
            (#"{"type":"subscribe","topic":"a","epoch":1}"#, "malformed"),
            (#"{"type":"subscribe","topic":"\#(longTopic)"}"#, "malformed"),
            (#"{"type":"subscribe"}"#, "malformed"),
            (#"{"type":"unsubscribe","topic":"a"}"#, "unsubscribe a"),
            (#"{"type":"unsubscribe"}"#, "malformed"),
            (#"{"type":"presence:enter","room":"day:1"}"#, "enter day:1 -"),
            (#"{"type":"presence:enter","room":"r","state":{"a":[1]},"id":4}"#, "enter r {\"a\":[1]} #\(JSONValue(4))"),
            (#"{"type":"presence:enter","room":"r","state":null}"#, "enter r -"),
            (#"{"type":"presence:enter","room":"r","state":"here"}"#, "malformed"),
            (#"{"type":"presence:enter","room":"r","state":{"a":"\#(longState)"}}"#, "malformed"),
            (#"{"type":"presence:enter","room":""}"#, "malformed"),
            (#"{"type":"presence:enter","room":"\#(longRoom)"}"#, "malformed"),
            (#"{"type":"presence:enter","id":4}"#, "malformed #\(JSONValue(4))"),
            (#"{"type":"presence:leave","room":"r"}"#, "leave r"),
            (#"{"type":"presence:leave","room":7}"#, "malformed"),
            (
                #"{"type":"slot:hold","staffId":3,"date":"2026-05-18","startTime":"14:00","endTime":"15:00"}"#,
                "hold 3 2026-05-18 14:00 15:00 -"
            ),
            (#"{"type":"slot:hold","fence":9}"#, "hold - - - - 9"),
            (#"{"type":"slot:hold","staffId":"3"}"#, "malformed"), (#"{"type":"slot:hold","staffId":1.5}"#, "malformed"),
            (#"{"type":"slot:hold","date":20260518}"#, "malformed"),
            (#"{"type":"slot:hold","date":"\#(longRoom)"}"#, "malformed"),
            (#"{"type":"slot:release","fence":12,"id":"x"}"#, "release - - - - 12 #\(JSONValue("x"))"),
            (#"{"type":"slot:release"}"#, "release - - - - -"), (#"{"type":"slot:release","fence":"12"}"#, "malformed"),
            (#"{"type":"sing","id":"x"}"#, "malformed #\(JSONValue("x"))"),
            (#"{"type":5,"id":"x"}"#, "malformed #\(JSONValue("x"))"),
            (#"{"id":"x"}"#, "malformed #\(JSONValue("x"))"),
            (#"{}"#, "malformed"), (#"[]"#, "malformed"), ("7", "malformed"), ("", "malformed"),
            (#"{"type":"ping""#, "malformed"),
            (#"{"type":"ping","deep":\#(deep)}"#, "malformed"),
        ]
    )
    func parse(text: String, expected: String) {
        #expect(Self.describe(text) == expected)
    }

    @Test("a message that is no command has its id too")
    func id() {
        #expect(Command.id(of: ByteBuffer(string: #"{"type":"sing","id":"x"}"#)) == "x")
        #expect(Command.id(of: ByteBuffer(string: #"{"type":"ping","id":1.50}"#))?.number?.text == "1.50")
        #expect(Command.id(of: ByteBuffer(string: "nonsense")) == nil)
    }
}
