import NIOCore
import Synchronization

@testable import Hub

/// Users, roles and tokens in memory: salon 7, where a `master` gets shape 1 of appointments and no clients, and `nobody` nothing.
final class MemoryAccess: Access {
    static let masked = Shape(rawValue: 1)
    /// Rights that open neither clients nor staff, whatever the role.
    static let withoutLists: UInt64 = 1
    static let topics = ["appointments", "notifications", "clients", "staff"]

    private struct State {
        var tokens: [String: Authentication] = [:]
        /// The logins that tokens name, also of those that are no good any more.
        var logins: [String: Login] = [:]
        /// What is said of a session: what was last said of one of its tokens.
        var sessions: [Int64: Authentication] = [:]
        var isHeld = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var asked = 0
        var whenAsked: (@Sendable () -> Void)?
        var confirmed: Authentication?
    }

    private let state = Mutex(State())

    let defaultTopics = ["appointments", "notifications"]

    // MARK: What a test does to it

    /// Makes a token good.
    @discardableResult
    func issue(
        _ token: String,
        user: Int64 = 1,
        salon: Int64 = 7,
        session: Int64 = 100,
        role: String = "owner",
        expiresAt: Int64 = 4_000_000_000
    ) -> Principal {
        let principal = Principal(userID: user, salonID: salon, sessionID: session, role: role, expiresAt: expiresAt)
        self.set(token, .granted(principal))
        return principal
    }

    /// What the token says, and what is known of its login.
    func set(_ token: String, _ answer: Authentication) {
        self.state.withLock { state in
            state.tokens[token] = answer
            switch answer {
            case .granted(let principal): state.logins[token] = principal.login
            case .unavailable where state.logins[token] == nil:
                state.logins[token] = Login(userID: 0, sessionID: -Int64(state.logins.count) - 1, expiresAt: 4_000_000_000)
            case .unavailable, .expired, .invalid: break
            }
            if let login = state.logins[token] { state.sessions[login.sessionID] = answer }
        }
    }

    /// Answers wait for ``release()``; what they say is fixed when they are asked for.
    func hold() { self.state.withLock { $0.isHeld = true } }

    func release() {
        let waiting = self.state.withLock { state in
            state.isHeld = false
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    var heldCount: Int { self.state.withLock { $0.waiting.count } }
    var asked: Int { self.state.withLock { $0.asked } }
    func whenAsked(_ body: (@Sendable () -> Void)?) { self.state.withLock { $0.whenAsked = body } }

    // MARK: Access

    func read(_ token: String) -> TokenReading {
        self.state.withLock { state in
            if let login = state.logins[token] { return .login(login) }
            return if case .expired? = state.tokens[token] { .expired } else { .invalid }
        }
    }

    /// Says this of every login, or what its tokens say.
    func confirms(_ answer: Authentication?) { self.state.withLock { $0.confirmed = answer } }

    func lookUp(_ login: Login, on eventLoop: any EventLoop) -> EventLoopFuture<Authentication> {
        eventLoop.makeFutureWithTask { await self.answer(about: login) }
    }

    private func answer(about login: Login) async -> Authentication {
        let (answer, whenAsked) = self.state.withLock { state in
            state.asked += 1
            return (state.confirmed ?? state.sessions[login.sessionID] ?? .invalid, state.whenAsked)
        }
        whenAsked?()
        await withCheckedContinuation { continuation in
            let isHeld = self.state.withLock { state in
                if state.isHeld { state.waiting.append(continuation) }
                return state.isHeld
            }
            if !isHeld { continuation.resume() }
        }
        return answer
    }

    func grant(_ name: String, to principal: Principal) -> Grant {
        if principal.role == "nobody" { return Self.topics.contains(name) ? .forbidden : .unknown }
        let isMaster = principal.role == "master"
        return switch name {
        case "appointments":
            .durable(topic: "salon/\(principal.salonID)/appointments", shape: isMaster ? Self.masked : .full)
        case "notifications":
            .durable(topic: "user/\(principal.userID)/notifications", shape: .full)
        case "clients", "staff":
            isMaster || principal.rights == Self.withoutLists
                ? .forbidden : .durable(topic: "salon/\(principal.salonID)/\(name)", shape: .full)
        default:
            .unknown
        }
    }

    func knows(_ name: String) -> Bool { Self.topics.contains(name) }

    func accessTopic(ofSalon salonID: Int64) -> String { "salon/\(salonID)/access" }

    /// `session:ended` has an id as data, `user:ended` `[<user>,<session>]`, `role:changed` `<user> <role>` and
    /// `rights:changed` `<role> <rights>` as a JSON string.
    func change(in event: CommittedEvent) -> AccessChange {
        let data = String(buffer: event.data)
        switch event.type {
        case "session:ended": return Int64(data).map(AccessChange.sessionEnded) ?? .none
        case "user:ended":
            let ids = data.split(whereSeparator: { !$0.isNumber }).compactMap { Int64($0) }
            return ids.count == 2 ? .userEnded(ids[0], through: ids[1]) : .none
        case "role:changed":
            let words = data.split(whereSeparator: { $0 == " " || $0 == "\"" })
            return words.count == 2 ? .roleChanged(user: Int64(words[0]) ?? 0, role: String(words[1]), rights: 0) : .none
        case "rights:changed":
            let words = data.split(whereSeparator: { $0 == " " || $0 == "\"" })
            return words.count == 2 ? .rightsChanged(role: String(words[0]), rights: UInt64(words[1]) ?? 0) : .none
        default: return .none
        }
    }

    func reshape(_ data: ByteBuffer, of type: String, for shape: Shape) -> ByteBuffer {
        ByteBuffer(string: #"{"shape":\#(shape.rawValue)}"#)
    }
}
