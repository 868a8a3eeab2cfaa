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
            }
        } catch {
            return "malformed" + (error.id.map { " #\($0)" } ?? "")
        }
    }

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
