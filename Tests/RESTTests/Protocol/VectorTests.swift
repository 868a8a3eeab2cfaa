import Foundation
import JSON
import Logging
import Postgres
import Support
import Testing

@testable import Hub
@testable import REST

@Suite("Golden frames")
struct VectorTests {
    // A file that cannot be read leaves no frames, which `everyTypeHasOne` reports.
    static let serverFrames = (try? ProtocolFiles.vectors("server-frames")) ?? []
    static let closeFrames = (try? ProtocolFiles.vectors("close-frames")) ?? []
    static let clientFrames = (try? ProtocolFiles.vectors("client-frames")) ?? []

    let files: ProtocolFiles

    init() throws {
        self.files = try ProtocolFiles.shared.get()
    }

    /// A frame taken apart (RFC 6455 5.2).
    struct Frame {
        var opcode: UInt8
        var isMasked: Bool
        var payload: [UInt8]

        init(hex: String) throws {
            let digits = Array(hex.utf8)
            let wire = try stride(from: 0, to: digits.count, by: 2).map { index in
                try #require(UInt8(String(decoding: digits[index..<index + 2], as: UTF8.self), radix: 16))
            }
            #expect(wire[0] & 0xF0 == 0x80, "one whole frame without extensions")
            self.opcode = wire[0] & 0x0F
            self.isMasked = wire[1] & 0x80 != 0
            let short = Int(wire[1] & 0x7F)
            var start = short < 126 ? 2 : short == 126 ? 4 : 10
            let length = short < 126 ? short : wire[2..<start].reduce(0) { $0 << 8 | Int($1) }
            let mask = self.isMasked ? Array(wire[start..<start + 4]) : [0, 0, 0, 0]
            start += self.isMasked ? 4 : 0
            #expect(wire.count == start + length)
            self.payload = wire[start...].enumerated().map { $0.element ^ mask[$0.offset % 4] }
        }
    }

    private func errors(_ message: JSONValue, _ schema: String) throws -> [String] {
        try SchemaChecker(files: self.files).errors(in: message, against: "schemas/realtime.yaml#/$defs/\(schema)")
    }

    // MARK: What the server sends

    @Test("the server's frames are whole, unmasked, and as their schemas say", arguments: serverFrames)
    func serverFrame(_ vector: JSONValue) throws {
        let frame = try Frame(hex: try #require(vector["wire"]?.string))
        #expect(!frame.isMasked)
        guard let text = vector["text"]?.string else {
            #expect(vector["opcode"]?.string == "ping" && frame.opcode == 0x9)
            return
        }
        #expect(frame.opcode == 0x1)
        #expect(String(decoding: frame.payload, as: UTF8.self) == text)
        #expect(try self.errors(JSONValue(parsing: text), "ServerFrame") == [])
    }

    @Test("the server makes the same bytes of the same event today", arguments: serverFrames)
    func event(_ vector: JSONValue) throws {
        guard let text = vector["text"]?.string else { return }
        let message = try JSONValue(parsing: text)
        if let data = message["data"], message["seq"] == nil {
            // Of a topic without a log.
            let (type, topic) = (message["type"]?.string ?? "", message["topic"]?.string ?? "")
            let made = Reply.event(type, topic: topic, data: .init(bytes: data.jsonBytes), id: message["id"])
            #expect(String(decoding: made.readableBytesView, as: UTF8.self) == text)
            return
        }
        guard let entry = try Self.entry(text) else { return }
        let frame = entry.frame(FrameVariant(shape: .full, deflated: false))
        let hex = frame.readableBytesView.map { String($0 >> 4, radix: 16) + String($0 & 0xF, radix: 16) }.joined()
        #expect(hex == vector["wire"]?.string)
    }

    @Test("a master gets the event of a visit as the frame without the phone shows it")
    func eventForMasters() throws {
        let texts = try ProtocolFiles.vectors("server-frames").map { ($0["name"]?.string, $0["text"]?.string ?? "") }
        let full = try #require(texts.first { $0.0 == "appointment:created" }?.1)
        let expected = try #require(texts.first { $0.0 == "appointment:created without the phone" }?.1)
        let rights = RoleMatrix.permissions(of: .master).bits
        let principal = Principal(userID: 2, salonID: 1, sessionID: 1, role: "master", rights: rights, expiresAt: 0)
        guard case .durable(_, let shape) = Self.access.grant("appointments", to: principal) else {
            Issue.record("A master may read the calendar")
            return
        }
        let entry = try #require(try Self.entry(full))
        #expect(String(decoding: entry.text(shape).readableBytesView, as: UTF8.self) == expected)
    }

    @Test("the topics of the schema are those that a client may name")
    func topics() throws {
        let list = try self.files.resolve("schemas/realtime.yaml#/$defs/Topic/enum", in: "")
        let described = try #require(list.array).compactMap(\.string)
        let candidates = Set(described + Module.allCases.map(\.rawValue) + ["access", "salon/1/appointments", "telegram:x", ""])
        #expect(Set(described) == candidates.filter { Self.access.knows($0) })
    }

    /// It looks nothing up here, so it needs no database.
    private static let access = SalonAccess(
        client: PostgresClient(
            configuration: PostgresConfiguration(url: "postgresql://localhost/none"),
            logger: Logger(label: "test")
        ),
        signer: TokenSigner(secret: String(repeating: "s", count: 32))
    )

    /// The event that a frame's text reports; `nil` for a reply.
    private static func entry(_ text: String) throws -> LogEntry? {
        guard let dataStart = text.firstRange(of: #","data":"#)?.upperBound else { return nil }
        let message = try JSONValue(parsing: text)
        let event = CommittedEvent(
            topic: "salon/1/\(try #require(message["topic"]?.string))",
            seq: try #require(message["seq"]?.int),
            epoch: "1",
            type: try #require(message["type"]?.string),
            version: message["version"]?.int,
            at: try self.microseconds(try #require(message["at"]?.string)),
            data: .init(string: String(text[dataStart...].dropLast()))
        )
        return LogEntry(event, access: self.access)
    }

    @Test("the server writes the same replies today", arguments: serverFrames)
    func reply(_ vector: JSONValue) throws {
        guard let text = vector["text"]?.string, !text.contains(#","data":"#) else { return }
        let message = try JSONValue(parsing: text)
        let (id, topic) = (message["id"], message["topic"]?.string ?? "")
        var expected = text
        let made =
            switch message["type"]?.string {
            case "subscribed" where message["seq"] == nil:
                Reply.subscribed(topic: topic, id: id)
            case "subscribed":
                Reply.subscribed(
                    topic: topic,
                    seq: try #require(message["seq"]?.int),
                    epoch: try #require(message["epoch"]?.string),
                    recovered: message["recovered"] == true,
                    id: id
                )
            case "unsubscribed": Reply.unsubscribed(topic: topic, id: id)
            case "authenticated":
                Reply.authenticated(
                    Principal(
                        userID: try #require(message["userId"]?.int),
                        salonID: 1,
                        sessionID: 1,
                        role: "master",
                        expiresAt: try Self.microseconds(try #require(message["expiresAt"]?.string)) / 1_000_000
                    ),
                    id: id
                )
            case "error" where message["hold"] != nil:
                Reply.error(
                    try #require(SocketError(rawValue: message["code"]?.string ?? "")),
                    try #require(message["message"]?.string),
                    hold: .init(bytes: try #require(message["hold"]).jsonBytes),
                    id: id
                )
            case "error":
                Reply.error(
                    try #require(SocketError(rawValue: message["code"]?.string ?? "")),
                    try #require(message["message"]?.string),
                    retryAfter: message["retryAfter"]?.int,
                    id: id
                )
            default:
                Reply.pong(heads: (message["heads"]?.object ?? [:]).map { ($0.key, $0.value.int ?? -1) }, id: id)
            }
        var written = String(decoding: made.readableBytesView, as: UTF8.self)
        if message["type"] == "pong" {
            // Its time is that of its making.
            (expected, written) = (Self.withoutTime(expected), Self.withoutTime(written))
        }
        #expect(written == expected)
    }

    private static func withoutTime(_ text: String) -> String {
        text.replacing(/"at":"[^"]*"/, with: #""at":"""#)
    }

    private static func microseconds(_ text: String) throws -> Int64 {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        let date = try #require(formatter.date(from: text))
        return Int64((date.timeIntervalSince1970 * 1_000).rounded()) * 1_000
    }

    @Test("a close frame is there for each code but those that need a broken server")
    func everyCloseCodeHasOne() {
        let shown = Set(Self.closeFrames.compactMap { $0["code"]?.int })
        let missing = SocketClose.allCases.filter { !shown.contains(Int64($0.rawValue)) }
        #expect(missing == [.overloaded, .forbidden])
    }

    @Test("there is a frame for each event and each reply, and a command for each command")
    func everyTypeHasOne() throws {
        for (file, schema) in [("server-frames", "Event"), ("server-frames", "Reply"), ("client-frames", "Command")] {
            let texts = try ProtocolFiles.vectors(file).compactMap { $0["text"]?.string }
            let messages = try texts.map { try JSONValue(parsing: $0) }
            let references = try self.files.resolve("schemas/realtime.yaml#/$defs/\(schema)/oneOf", in: "").array ?? []
            for reference in references {
                let name = try #require(reference["$ref"]?.string?.split(separator: "/").last.map(String.init))
                #expect(try messages.contains { try self.errors($0, name).isEmpty }, "no frame shows \(name)")
            }
        }
    }

    @Test("close frames carry the codes and reasons that they are listed with", arguments: closeFrames)
    func closeFrame(_ vector: JSONValue) throws {
        let frame = try Frame(hex: try #require(vector["wire"]?.string))
        #expect(frame.opcode == 0x8 && !frame.isMasked)
        let code = Int64(frame.payload[0]) << 8 | Int64(frame.payload[1])
        #expect(code == vector["code"]?.int)
        #expect(String(decoding: frame.payload[2...], as: UTF8.self) == vector["reason"]?.string)
        let lists = try self.files["errors.yaml"]
        #expect(lists["close"]?["\(code)"] != nil || lists["standardClose"]?["\(code)"] != nil)
    }

    // MARK: What a client says

    @Test("commands are masked, and read as what they are", arguments: clientFrames)
    func clientFrame(_ vector: JSONValue) throws {
        let frame = try Frame(hex: try #require(vector["wire"]?.string))
        let text = try #require(vector["text"]?.string)
        #expect(frame.opcode == 0x1 && frame.isMasked)
        #expect(String(decoding: frame.payload, as: UTF8.self) == text)
        let message = try JSONValue(parsing: text)
        #expect(try self.errors(message, "Command").isEmpty == vector["valid"]?.bool)
        let read = Result { try Command.parse(.init(bytes: frame.payload)) }
        switch (message["type"]?.string, read) {
        case ("auth", .success((.auth(let token), let id))):
            #expect(token == message["token"]?.string && id == message["id"])
        case ("subscribe", .success((.subscribe(let topic, let since, let epoch), let id))):
            #expect(topic == message["topic"]?.string && since == message["since"]?.int)
            #expect(epoch == message["epoch"]?.string && id == message["id"])
        case ("unsubscribe", .success((.unsubscribe(let topic), let id))):
            #expect(topic == message["topic"]?.string && id == message["id"])
        case ("ping", .success((.ping, let id))):
            #expect(id == message["id"])
        case ("presence:enter", .success((.enter(let room, let state), let id))):
            #expect(room == message["room"]?.string && state == message["state"]?.object && id == message["id"])
        case ("presence:leave", .success((.leave(let room), let id))):
            #expect(room == message["room"]?.string && id == message["id"])
        case ("slot:hold", .success((.hold(let slot), let id))), ("slot:release", .success((.release(let slot), let id))):
            #expect(slot.staffID == message["staffId"]?.int && slot.date == message["date"]?.string)
            #expect(slot.startTime == message["startTime"]?.string && slot.endTime == message["endTime"]?.string)
            #expect(slot.fence == message["fence"]?.int && id == message["id"])
        case (_, .failure):
            #expect(vector["valid"]?.bool == false)
        default:
            Issue.record("\(text) was read as something else")
        }
    }
}
