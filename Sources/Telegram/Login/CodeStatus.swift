public import JSON

/// A code as its page is told of it, by REST and by the socket.
public struct CodeStatus: Sendable, Equatable {
    /// The word: of ``LoginStatus`` or ``LinkStatus``, or `expired`.
    public let word: String
    /// Why a login came to nothing.
    public let reason: CancelReason?
    /// Whose Telegram an account was linked to.
    public let linked: LinkedTelegram?
    /// Whether nothing follows.
    public let isFinal: Bool
    /// Until the code is gone, in milliseconds; 0 if it is.
    public let remaining: Int64

    /// Unknown, used up or past its time: which of them is nobody's business.
    public static let expired = CodeStatus(word: "expired", isFinal: true, remaining: 0)

    init(word: String, reason: CancelReason? = nil, linked: LinkedTelegram? = nil, isFinal: Bool, remaining: Int64) {
        self.word = word
        self.reason = reason
        self.linked = linked
        self.isFinal = isFinal
        self.remaining = remaining
    }

    init(_ stored: StoredCode) {
        switch stored.content {
        case .login(let login) where login.isTaken:
            self = .expired
        case .login(let login):
            self.init(
                word: login.status.rawValue,
                reason: login.reason,
                isFinal: login.status.isFinal,
                remaining: stored.remaining
            )
        case .link(let link):
            self.init(
                word: link.status.rawValue,
                linked: link.linked,
                isFinal: link.status.isFinal,
                remaining: stored.remaining
            )
        }
    }

    /// ``json`` as text.
    public var jsonText: String { JSONValue.object(self.json).text }

    /// `{"status":…,"expires_in":…}`, in whole seconds, and `reason`, or `telegram_name` and `telegram_username`, where there are such.
    public var json: JSONObject {
        var object: JSONObject = ["status": .string(self.word)]
        if let reason { object["reason"] = .string(reason.rawValue) }
        if let linked {
            object["telegram_name"] = .string(linked.name)
            object["telegram_username"] = linked.username.map { .string($0) }
        }
        if self.remaining > 0 { object["expires_in"] = JSONValue((self.remaining + 999) / 1_000) }
        return object
    }
}
