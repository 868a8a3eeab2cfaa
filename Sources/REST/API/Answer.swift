import HTTPTypes
import Hub
import JSON
import NIOCore
import Postgres

/// What a handler answers.
struct Answer: Sendable {
    var status: HTTPResponse.Status = .ok
    var headers = HTTPFields()
    var body: ByteBuffer?
    /// In place of a body: server-sent events, for as long as they come.
    var stream: StreamReader?
    /// In place of a body: a file.
    var download: Download?

    /// 204 without a body.
    static let noContent = Answer(status: .noContent)

    /// JSON text, as PostgreSQL or a writer made it.
    static func json(_ text: String, status: HTTPResponse.Status = .ok) -> Answer {
        Answer(status: status, headers: [.contentType: "application/json"], body: ByteBuffer(string: text))
    }

    static func json(_ value: PostgresJSON, status: HTTPResponse.Status = .ok) -> Answer {
        self.json(value.text, status: status)
    }

    static func json(_ value: JSONValue, status: HTTPResponse.Status = .ok) -> Answer {
        self.json(value.text, status: status)
    }

    static func json(_ value: RawJSON, status: HTTPResponse.Status = .ok) -> Answer {
        Answer(status: status, headers: [.contentType: "application/json"], body: value.bytes)
    }

    static func json(bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Answer {
        Answer(status: status, headers: [.contentType: "application/json"], body: ByteBuffer(bytes: bytes))
    }

    func with(_ name: HTTPField.Name, _ value: String) -> Answer {
        var answer = self
        answer.headers[name] = value
        return answer
    }
}

extension HTTPField.Name {
    /// A header of ours. The name is a token by its spelling here.
    private static func ours(_ name: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(name) else { preconditionFailure("\(name) is no header name") }
        return name
    }

    static let topicSeq = ours("X-Topic-Seq")
    static let topicEpoch = ours("X-Topic-Epoch")
    static let totalCount = ours("X-Total-Count")
    static let requestID = ours("X-Request-Id")
    static let idempotencyKey = ours("Idempotency-Key")
    static let lastEventID = ours("Last-Event-ID")
    static let accelBuffering = ours("X-Accel-Buffering")
    static let telegramSecret = ours("X-Telegram-Bot-Api-Secret-Token")
    static let forwardedFor = ours("X-Forwarded-For")
    static let forwarded = ours("Forwarded")
    static let realIP = ours("X-Real-IP")
}
