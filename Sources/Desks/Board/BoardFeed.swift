public import Logging
public import NIOCore
public import Redis
public import ServiceLifecycle
import Synchronization

/// Tells a node's sockets of every change of the boards that they follow, whichever node made it, and keeps the leases of
/// their own lines.
///
/// Changes come by Redis pub/sub, on one channel that is subscribed as long as the node lives. Once in a third of a lease all
/// followed boards are looked at and all own lines renewed, in a few steps for all of them; once a second whoever comes first
/// takes out what is over. So a message that was lost, a node that was killed and a Redis that lost its memory all come to light.
///
/// Unchecked because it is confined to the subscriber's event loop.
public final class BoardFeed: Service, RedisSubscriptionDelegate, @unchecked Sendable {
    struct Reader {
        var tell: @Sendable (BoardNews) -> Void
        /// The version that it was told of; nil if it waits for the state.
        var told: Int64?
        /// Whether its own line is being written: only the answer to that is its state.
        var isEntering = false
    }

    final class Followed {
        var mirror = BoardMirror()
        var readers: [UInt64: Reader] = [:]
    }

    /// Boards, or lines, that one step takes.
    static let batch = 100
    private static let tick = Duration.seconds(1)

    let store: BoardStore
    let settings: DeskSettings
    let subscriber: RedisSubscriber
    let eventLoop: any EventLoop
    let logger: Logger
    var followed: [String: Followed] = [:]
    private let looks: LookQueue<String>
    var kept = KeptLines()
    /// How far Redis's clock is ahead of this node's, in milliseconds.
    var clockOffset: Int64 = 0
    private let lastReader = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - store: the boards
    ///   - settings: how long leases last
    ///   - subscriber: the node's subscription connection; whoever is its delegate passes on to this feed what it hears
    ///   - logger: for what an operator should know
    public init(store: BoardStore, settings: DeskSettings, subscriber: RedisSubscriber, logger: Logger) {
        self.store = store
        self.settings = settings
        self.subscriber = subscriber
        self.eventLoop = subscriber.eventLoop
        self.looks = LookQueue(on: subscriber.eventLoop, batch: Self.batch)
        self.logger = logger
        self.eventLoop.execute { self.subscriber.subscribe(store.channel) }
    }

    // MARK: Following

    /// Tells somebody the state of a board, and then every change, in order, on the feed's event loop.
    public func follow(_ board: String, _ tell: @escaping @Sendable (BoardNews) -> Void) -> BoardFollowing {
        let following = self.following(board)
        self.eventLoop.execute {
            self.board(board).readers[following.reader] = Reader(tell: tell)
            self.looks.add([board])
        }
        return following
    }

    /// As ``follow(_:_:)``, for somebody whose own line is just being written: they are told the state when ``entered(_:_:)``
    /// has said that it is.
    func followEntering(_ board: String, _ tell: @escaping @Sendable (BoardNews) -> Void) -> BoardFollowing {
        let following = self.following(board)
        self.eventLoop.execute {
            self.board(board).readers[following.reader] = Reader(tell: tell, isEntering: true)
        }
        return following
    }

    /// Tells somebody the whole board again.
    public func repeatState(_ following: BoardFollowing) {
        self.eventLoop.execute {
            self.followed[following.board]?.readers[following.reader]?.told = nil
            self.looks.add([following.board])
        }
    }

    /// Tells them no more.
    public func stop(_ following: BoardFollowing) {
        self.eventLoop.execute { self.remove(following) }
    }

    private func following(_ board: String) -> BoardFollowing {
        BoardFollowing(board: board, reader: self.lastReader.wrappingAdd(1, ordering: .relaxed).newValue)
    }

    private func board(_ name: String) -> Followed {
        let followed = self.followed[name] ?? Followed()
        self.followed[name] = followed
        return followed
    }

    private func remove(_ following: BoardFollowing) {
        guard let followed = self.followed[following.board] else { return }
        followed.readers[following.reader] = nil
        if followed.readers.isEmpty { self.followed[following.board] = nil }
    }

    // MARK: Own lines

    /// The line of a reader was written: here is the board with it.
    func entered(_ following: BoardFollowing, _ state: BoardState) {
        self.eventLoop.execute {
            guard let followed = self.followed[following.board] else { return }
            followed.readers[following.reader]?.isEntering = false
            // Told what the mirror knows with it, and not what Redis does: that may have lost its memory, and the others are about
            // to say again what everybody believes.
            self.looked(following.board, state)
        }
    }

    /// Renews a line from now on.
    func keep(_ board: String, _ line: KeptLines.Line) {
        self.eventLoop.execute { self.kept.keep(board, line) }
    }

    /// Renews a line no more.
    func forget(_ board: String, _ id: String) {
        self.eventLoop.execute { self.kept.forget(board, id) }
    }

    /// Renews no hold of a socket any more.
    ///
    /// - Returns: those that it had
    func forgetHolds(of connection: String) async -> [(board: String, entry: BoardEntry)] {
        let lines = self.eventLoop.submit { self.kept.forget(connection: connection, presence: false) }
        return (try? await lines.get()) ?? []
    }

    /// Renews no hold any more that somebody has ended. Redis may have lost its memory: what it does not know of would be
    /// written again.
    ///
    /// - Returns: those that there were
    func forgetHolds(_ board: String, where isOver: @escaping @Sendable (Hold) -> Bool) async -> [Hold] {
        (try? await self.eventLoop.submit { self.kept.forgetHolds(board, where: isOver) }.get()) ?? []
    }

    // MARK: Looking

    /// Looks at boards and renews leases, until graceful shutdown or cancellation.
    public func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    await self.looks.run(while: { self.followed[$0] != nil }, self.look)
                }
                group.addTask {
                    while (try? await Task.sleep(for: Self.tick)) != nil { await self.sweep() }
                }
                group.addTask {
                    let pause = Duration.milliseconds(self.settings.lease / 3)
                    while (try? await Task.sleep(for: pause)) != nil {
                        await self.renew()
                        self.eventLoop.execute { self.looks.add(self.followed.keys) }
                    }
                }
                await group.waitForAll()
            }
        }
    }

    private func look(_ boards: [String]) async {
        do throws(DeskError) {
            let states = try await self.store.look(boards)
            self.eventLoop.execute {
                for (board, state) in zip(boards, states) { self.looked(board, state) }
            }
        } catch {
            self.logger.debug("boards cannot be looked at", metadata: ["error": "\(error)"])
            self.eventLoop.execute { for board in boards { self.notLooked(board) } }
        }
    }

    private func looked(_ board: String, _ state: BoardState) {
        self.clockOffset = state.now - Self.now()
        guard let followed = self.followed[board] else { return }
        let (news, mustLook) = followed.mirror.looked(state, grace: self.settings.lease)
        self.tell(followed, news, version: followed.mirror.version, isLook: true)
        self.tellState(followed)
        if mustLook { self.looks.add([board]) }
    }

    /// Redis is away: who waits is told what is believed, as everybody else here believes it; where nothing is, that nobody can say.
    func notLooked(_ board: String) {
        guard let followed = self.followed[board] else { return }
        if followed.mirror.isKnown { return self.tellState(followed) }
        for (id, reader) in followed.readers where reader.told == nil && !reader.isEntering {
            followed.readers[id] = nil
            reader.tell(.away)
        }
        if followed.readers.isEmpty { self.followed[board] = nil }
    }

    /// To those who wait for it.
    private func tellState(_ followed: Followed) {
        for (id, reader) in followed.readers where reader.told == nil && !reader.isEntering {
            followed.readers[id]?.told = followed.mirror.version
            reader.tell(.state(Self.sorted(followed.mirror.entries)))
        }
    }

    /// - Parameters:
    ///   - version: of the newest of the news; whoever has been told of it is passed over. `nil`: it is told to all
    ///   - isLook: what is gone was only missed by a look, which may be of no newer version, or of none at all
    func tell(_ followed: Followed, _ news: [BoardMirror.News], version: Int64?, isLook: Bool = false) {
        guard !news.isEmpty else { return }
        let told = news.map { one -> BoardNews in
            switch one {
            case .set(let entry, let before): .set(entry, before: before)
            case .removed(let entry, let note): .removed(entry, note)
            }
        }
        for (id, reader) in followed.readers {
            guard let before = reader.told else { continue }
            if let version, before < version { followed.readers[id]?.told = version }
            for one in told where Self.isNew(one, since: before, at: version, isLook: isLook) { reader.tell(one) }
        }
    }

    private static func isNew(_ news: BoardNews, since told: Int64, at version: Int64?, isLook: Bool) -> Bool {
        guard let version else { return true }
        if isLook, case .removed = news { return told <= version || version == 0 }
        return told < version
    }

    private static func sorted(_ entries: [String: BoardEntry]) -> [BoardEntry] {
        entries.values.sorted { $0.id.utf8.count == $1.id.utf8.count ? $0.id < $1.id : $0.id.utf8.count < $1.id.utf8.count }
    }

    // MARK: RedisSubscriptionDelegate

    /// A change of some board of the installation.
    public func message(channel: String, payload: ByteBuffer) {
        guard channel == self.store.channel, let change = BoardChange(message: String(buffer: payload)) else { return }
        self.kept.heard(change)
        guard let followed = self.followed[change.board] else { return }
        let (news, mustLook) = followed.mirror.heard(change)
        if let news { self.tell(followed, [news], version: change.version) }
        if mustLook { self.looks.add([change.board]) }
    }

    /// Nothing to do: all boards are looked at now and then.
    public func subscribed(channel: String) {}

    /// What was published meanwhile may have been missed.
    public func allSubscribed() {
        self.looks.add(self.followed.keys)
    }

    /// Nothing to do: see ``subscribed(channel:)``.
    public func disconnected() {}
}
