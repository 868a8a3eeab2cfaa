public import Hub
import NIOCore
import Redis
import Secrets
import Synchronization
public import Telegram

/// The topics `telegram:<code>`: a page hears how far its login, or its linking, is. Anonymous sockets may, since whoever has
/// the code may ask.
public struct TelegramTopics: EphemeralTopics {
    private static let prefix = "telegram:"
    private static let eventType = "telegram:status"

    private let feed: CodeFeed
    private let limits: TelegramLimits

    /// - Parameters:
    ///   - feed: tells of changes
    ///   - limits: how often one address may ask
    public init(feed: CodeFeed, limits: TelegramLimits) {
        self.feed = feed
        self.limits = limits
    }

    /// Whether a name is `telegram:` and something.
    public func claims(_ name: String) -> Bool {
        name.hasPrefix(Self.prefix)
    }

    /// Always: whoever has the code may ask, whatever their role.
    public func mayFollow(_ name: String, by reader: EphemeralReader) -> Bool { true }

    /// Tells a socket of a code. One that is unknown is `expired`, as by REST.
    public func follow(
        _ name: String,
        by reader: EphemeralReader,
        _ tell: @escaping @Sendable (EphemeralNews) -> Void
    ) -> any EphemeralFollowing {
        let following = Following(feed: self.feed)
        let code = OpaqueToken(String(name.dropFirst(Self.prefix.count)))
        // Bounded: Redis answers, or fails within its command timeout.
        Task {
            do throws(RedisError) {
                let wait = try await self.limits.look.count(reader.address)
                guard wait == 0 else { return tell(.refused(.rateLimited(retryAfter: wait))) }
            } catch {
                return tell(.refused(.unavailable(retryAfter: 1_000)))
            }
            guard let code else { return tell(Self.news(.expired)) }
            following.begin(StartCode(of: code)) { news in
                switch news {
                case .status(let status): tell(Self.news(status))
                case .unavailable: tell(.refused(.unavailable(retryAfter: 1_000)))
                }
            }
        }
        return following
    }

    private static func news(_ status: CodeStatus) -> EphemeralNews {
        let data = ByteBuffer(string: status.jsonText)
        return status.isFinal ? .last(type: self.eventType, data: data) : .event(type: self.eventType, data: data)
    }

    /// Begins once the rate is known, unless it was stopped by then.
    private final class Following: EphemeralFollowing {
        private enum State {
            case idle
            case following(CodeFeed.Following)
            case stopped
        }

        private let feed: CodeFeed
        private let state = Mutex(State.idle)

        init(feed: CodeFeed) {
            self.feed = feed
        }

        func begin(_ code: StartCode, _ tell: @escaping @Sendable (CodeFeed.News) -> Void) {
            self.state.withLock { state in
                guard case .idle = state else { return }
                state = .following(self.feed.follow(code, tell))
            }
        }

        func stop() {
            self.state.withLock { state in
                if case .following(let following) = state { self.feed.stop(following) }
                state = .stopped
            }
        }
    }
}
