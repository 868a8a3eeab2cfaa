import JSON
import NIOCore

/// The frames that answer commands, as JSON text.
enum Reply {
    static func subscribed(topic: String, seq: Int64, epoch: String, recovered: Bool, id: CommandID?) -> ByteBuffer {
        self.message(
            "subscribed",
            id,
            [
                ("topic", .string(topic)), ("seq", .number(JSONNumber(seq))), ("epoch", .string(epoch)),
                ("recovered", .bool(recovered)),
            ]
        )
    }

    /// Of an ephemeral topic, which has no log.
    static func subscribed(topic: String, id: CommandID?) -> ByteBuffer {
        self.message("subscribed", id, [("topic", .string(topic))])
    }

    /// An event without a seq.
    ///
    /// - Parameters:
    ///   - data: JSON
    ///   - id: of the command that it answers
    static func event(_ type: String, topic: String, data: ByteBuffer, id: CommandID?) -> ByteBuffer {
        var writer = JSONWriter(capacity: 128 + data.readableBytes)
        writer.object { event in
            event.field("type", type)
            event.field("id", ifPresent: id)
            event.field("topic", topic)
            event.field("data", rawJSON: data.readableBytesView)
        }
        return ByteBuffer(bytes: writer.bytes)
    }

    static func unsubscribed(topic: String, code: SocketError? = nil, id: CommandID?) -> ByteBuffer {
        self.message("unsubscribed", id, [("topic", .string(topic))] + (code.map { [("code", .string($0.rawValue))] } ?? []))
    }

    static func authenticated(_ principal: Principal, id: CommandID?) -> ByteBuffer {
        let fields: [(String, JSONValue)] = [
            ("userId", .number(JSONNumber(principal.userID))),
            ("expiresAt", .string(Timestamp.text(principal.expiresAt * 1_000_000))),
        ]
        return self.message("authenticated", id, fields)
    }

    static func pong(heads: [(topic: String, seq: Int64)], id: CommandID?) -> ByteBuffer {
        var object = JSONObject()
        for head in heads { object[head.topic] = .number(JSONNumber(head.seq)) }
        return self.message("pong", id, [("at", .string(Timestamp.text(Timestamp.now()))), ("heads", .object(object))])
    }

    /// - Parameter hold: JSON, of the hold that is in the way
    static func error(_ code: SocketError, _ message: String, hold: ByteBuffer, id: CommandID?) -> ByteBuffer {
        var writer = JSONWriter(capacity: 256)
        writer.object { error in
            error.field("type", "error")
            error.field("id", ifPresent: id)
            error.field("code", code.rawValue)
            error.field("message", message)
            error.field("hold", rawJSON: hold.readableBytesView)
        }
        return ByteBuffer(bytes: writer.bytes)
    }

    /// - Parameter retryAfter: milliseconds
    static func error(_ code: SocketError, _ message: String, retryAfter: Int64? = nil, id: CommandID?) -> ByteBuffer {
        var fields: [(String, JSONValue)] = [("code", .string(code.rawValue)), ("message", .string(message))]
        if let retryAfter { fields.append(("retryAfter", .number(JSONNumber(retryAfter)))) }
        return self.message("error", id, fields)
    }

    private static func message(_ type: String, _ id: CommandID?, _ fields: [(String, JSONValue)]) -> ByteBuffer {
        var object = JSONObject()
        object["type"] = .string(type)
        if let id { object["id"] = id }
        for (name, value) in fields { object[name] = value }
        var bytes: [UInt8] = []
        JSONValue.object(object).write(to: &bytes)
        return ByteBuffer(bytes: bytes)
    }
}

/// The `code` of an `error` frame (Protocol/errors.yaml).
enum SocketError: String, CaseIterable {
    case badRequest = "bad_request"
    case unauthorized
    case forbidden
    case unknownTopic = "unknown_topic"
    case tooManyTopics = "too_many_topics"
    case full
    case slotHeld = "slot_held"
    case rateLimited = "rate_limited"
    case unavailable
}

/// The close codes that are ours (Protocol/errors.yaml). 44xx: come back. 45xx: don't.
public enum SocketClose: UInt16, CaseIterable, Sendable {
    /// A restart; the reason is this client's own delay in decimal milliseconds.
    case restart = 1012
    /// Overloaded, or PostgreSQL is away.
    case overloaded = 1013
    /// The access token expired.
    case tokenExpired = 4401
    /// No pong, or nothing said in time.
    case timeout = 4408
    /// Too fast, or too many sockets.
    case tooFast = 4429
    /// A bad token, a revoked session, a deactivated user.
    case badToken = 4500
    /// The origin or the role may not.
    case forbidden = 4503
}
