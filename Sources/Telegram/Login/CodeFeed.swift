public import Logging
public import NIOCore
public import Redis
public import ServiceLifecycle
import Synchronization

/// Tells a node's pages of every change of their codes, whichever node made it.
///
/// Changes come by Redis pub/sub, on one channel that is subscribed as long as the node lives: whoever follows a code is heard
/// first and told the present state after, so no change falls between. A code's end is looked at when its time is up, and all
/// followed codes once a second, since a Redis that lost its keys announces nothing.
///
/// Unchecked because it is confined to the subscriber's event loop.
public final class CodeFeed: Service, RedisSubscriptionDelegate, @unchecked Sendable {
    /// What somebody who follows a code is told.
    public enum News: Sendable, Equatable {
        /// Where it stands. Nothing follows a final one.
        case status(CodeStatus)
        /// Redis is away: nobody can say. Only ever first, and nothing follows.
        case unavailable
    }

    private struct Reader {
        var tell: @Sendable (News) -> Void
        /// The version that it was told of, or would have been if that had another word.
        var told: Int64 = 0
        /// What it was told last. Steps within a status are nobody's business.
        var word = ""
    }

    private final class Followed {
        var readers: [UInt64: Reader] = [:]
        var end: (at: NIODeadline, timer: Scheduled<Void>)?
        /// Since when nobody can say whether it is still there.
        var doubtfulSince: NIODeadline?
    }

    /// How often every followed code is looked at.
    private static let lookInterval = Duration.seconds(1)
    /// How long Redis may be away before a login that cannot be looked at is given up.
    private static let patience = TimeAmount.seconds(4)
    /// Codes that one step reads.
    private static let batch = 200

    private let store: CodeStore
    private let subscriber: RedisSubscriber
    private let eventLoop: any EventLoop
    private let logger: Logger
    private var followed: [StartCode: Followed] = [:]
    private let looks: LookQueue<StartCode>
    private let lastReader = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - store: the codes
    ///   - subscriber: the node's subscription connection; whoever is its delegate passes on to this feed what it hears
    ///   - logger: for what an operator should know
    public init(store: CodeStore, subscriber: RedisSubscriber, logger: Logger) {
        self.store = store
        self.subscriber = subscriber
        self.eventLoop = subscriber.eventLoop
        self.looks = LookQueue(on: subscriber.eventLoop, batch: Self.batch)
        self.logger = logger
        self.eventLoop.execute { self.subscriber.subscribe(store.channel) }
    }

    // MARK: Following

    /// One reader of one code.
    public struct Following: Sendable {
        fileprivate let code: StartCode
        fileprivate let reader: UInt64
    }

    /// Tells somebody where a code stands, and then every change, in order, on the feed's event loop.
    public func follow(_ code: StartCode, _ tell: @escaping @Sendable (News) -> Void) -> Following {
        let following = Following(code: code, reader: self.lastReader.wrappingAdd(1, ordering: .relaxed).newValue)
        self.eventLoop.execute {
            let followed = self.followed[code] ?? Followed()
            followed.readers[following.reader] = Reader(tell: tell)
            self.followed[code] = followed
            self.looks.add([code])
        }
        return following
    }

    /// Tells them no more.
    public func stop(_ following: Following) {
        self.eventLoop.execute {
            guard let followed = self.followed[following.code] else { return }
            followed.readers[following.reader] = nil
            if followed.readers.isEmpty { self.forget(following.code) }
        }
    }

    private func forget(_ code: StartCode) {
        self.followed.removeValue(forKey: code)?.end?.timer.cancel()
    }

    // MARK: Looking

    /// Looks at the followed codes, until graceful shutdown or cancellation.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await self.looks.run(while: { self.followed[$0] != nil }, self.look)
                }
                group.addTask {
                    while (try? await Task.sleep(for: Self.lookInterval)) != nil {
                        self.eventLoop.execute { self.looks.add(self.followed.keys) }
                    }
                }
                await group.waitForAll()
            }
        }
    }

    private func look(_ codes: [StartCode]) async {
        do throws(TelegramError) {
            let found = try await self.store.read(codes)
            self.eventLoop.execute { for code in codes { self.found(found[code], code) } }
        } catch {
            self.logger.debug("codes cannot be looked at", metadata: ["error": "\(error)"])
            self.eventLoop.execute { for code in codes { self.notFound(code) } }
        }
    }

    private func found(_ stored: StoredCode?, _ code: StartCode) {
        guard let followed = self.followed[code] else { return }
        followed.doubtfulSince = nil
        guard let stored else { return self.tellAll(followed, of: .expired, code) }
        let status = CodeStatus(stored)
        for (id, reader) in followed.readers where reader.told < stored.version {
            followed.readers[id]?.told = stored.version
            followed.readers[id]?.word = status.word
            if reader.word != status.word { reader.tell(.status(status)) }
        }
        if status.isFinal { return self.forget(code) }
        // By then Redis has let go of it; a last step may just have come before.
        let end = NIODeadline.now() + .milliseconds(stored.remaining + 5)
        // A timer that is about right stays: taking one back looks through all of the loop's.
        if let present = followed.end, present.at <= end + .milliseconds(50), end - present.at < .milliseconds(50) { return }
        followed.end?.timer.cancel()
        followed.end = (end, self.eventLoop.scheduleTask(deadline: end) { self.looks.add([code]) })
    }

    private func notFound(_ code: StartCode) {
        guard let followed = self.followed[code] else { return }
        for (id, reader) in followed.readers where reader.told == 0 {
            followed.readers[id] = nil
            reader.tell(.unavailable)
        }
        guard !followed.readers.isEmpty else { return self.forget(code) }
        let since = followed.doubtfulSince ?? .now()
        followed.doubtfulSince = since
        if NIODeadline.now() - since >= Self.patience { self.tellAll(followed, of: .expired, code) }
    }

    private func tellAll(_ followed: Followed, of status: CodeStatus, _ code: StartCode) {
        for reader in followed.readers.values { reader.tell(.status(status)) }
        self.forget(code)
    }

    // MARK: RedisSubscriptionDelegate

    /// A change: the start code, the milliseconds that are left, the value.
    public func message(channel: String, payload: ByteBuffer) {
        guard channel == self.store.channel else { return }
        let parts = String(buffer: payload).split(separator: " ", maxSplits: 2)
        guard parts.count == 3, let code = StartCode(String(parts[0])), let remaining = Int64(parts[1]) else { return }
        guard let stored = StoredCode(text: String(parts[2]), remaining: remaining) else { return }
        self.found(stored, code)
    }

    /// Nothing to do: whoever began to follow before is looked after once a second.
    public func subscribed(channel: String) {}

    /// What was published meanwhile may have been missed.
    public func allSubscribed() {
        self.looks.add(self.followed.keys)
    }

    /// Nothing to do: see ``subscribed(channel:)``.
    public func disconnected() {}
}
