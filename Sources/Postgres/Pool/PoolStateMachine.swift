/// Who has which connection, who waits for one, and when to open another.
///
/// Pure: it opens nothing, knows no clock and wakes nobody; each input returns what is to be done. Times are nanoseconds of a clock
/// that never goes back. `Connection`, `Waiter` and `Failure` are whatever the caller passes through.
///
/// While connecting fails, new connections are tried one at a time and no sooner than a growing, jittered pause after the last
/// failure; in that pause a request that nobody can serve fails at once.
struct PoolStateMachine<Connection, Waiter, Failure>: ~Copyable {
    typealias WaiterID = WaitQueue<Waiting>.ID

    /// Why there is no connection.
    enum Refusal {
        case closed
        case unreachable(Failure)
    }

    private struct Outage {
        var failure: Failure
        var attempts: Int
        var retryAt: UInt64
    }

    /// Somebody in the queue.
    struct Waiting {
        let waiter: Waiter
        let lane: Int?
        let since: UInt64
        let deadline: UInt64
    }

    /// How much later somebody may have come who is served before others: 10 ms.
    private static var patience: UInt64 { 10_000_000 }

    private let limit: Int
    private var idle: [Connection] = []
    private var leased = 0
    private var opening = 0
    private var waiters = WaitQueue<Waiting>()
    /// Of whoever came last; those of later ones are not before it.
    private var lastDeadline: UInt64 = 0
    /// Whether ``expire(now:)`` is going to be called.
    private var hasTimer = false
    private var outage: Outage?
    private var isShutDown = false

    init(limit: Int) {
        precondition(limit > 0, "A pool has at least one connection")
        self.limit = limit
    }

    /// Connections in use, ready, and being opened; requests that wait.
    var counts: (leased: Int, idle: Int, opening: Int, waiting: Int) {
        (self.leased, self.idle.count, self.opening, self.waiters.count)
    }

    /// Whether the last attempt to connect succeeded, or none was made yet.
    var isReachable: Bool { self.outage == nil }

    private var isDrained: Bool { self.isShutDown && self.leased == 0 && self.opening == 0 }

    // MARK: taking

    enum LeaseAction {
        case use(Connection)
        case refuse(Refusal)
        /// Nothing is ready: wait by ``wait(_:id:lane:deadline:now:)``.
        case wait
    }

    /// A request wants a connection. The most recently used one is taken: its caches are the warmest.
    mutating func lease(now: UInt64) -> LeaseAction {
        guard !self.isShutDown else { return .refuse(.closed) }
        // those who wait come first; while somebody waits nothing is idle
        if let connection = self.idle.popLast() {
            self.leased += 1
            return .use(connection)
        }
        if let outage = self.outage, now < outage.retryAt, self.leased == 0, self.opening == 0 {
            return .refuse(.unreachable(outage.failure))
        }
        return .wait
    }

    enum WaitAction {
        /// A connection is ready.
        case use(Connection)
        case refuse(Refusal)
        /// Wait, and open so many connections. With a `timer`, call ``expire(now:)`` at that time: nobody else is going to.
        case wait(open: Int, timer: UInt64?)
    }

    /// A request wants a connection, and begins to wait for one until its deadline if none is ready.
    ///
    /// Requests stand in the order of their deadlines: one whose deadline is before that of somebody who came earlier waits as
    /// long as the other does.
    ///
    /// - Parameter lane: where the connection will be used; one that comes back there is rather given to those who wait there too
    mutating func wait(
        _ waiter: Waiter,
        id: WaiterID,
        lane: Int? = nil,
        deadline: UInt64,
        now: UInt64
    ) -> WaitAction {
        switch self.lease(now: now) {
        case .use(let connection): return .use(connection)
        case .refuse(let refusal): return .refuse(refusal)
        case .wait: break
        }
        self.lastDeadline = max(deadline, self.lastDeadline)
        self.waiters.append(Waiting(waiter: waiter, lane: lane, since: now, deadline: self.lastDeadline), id: id)
        let needsTimer = !self.hasTimer
        self.hasTimer = true
        return .wait(open: self.claimOpenings(now: now), timer: needsTimer ? self.lastDeadline : nil)
    }

    enum StopWaitingAction {
        /// It waited and does no longer: tell it why.
        case resume(Waiter)
        /// It was served already.
        case doNothing
    }

    /// A request gives up: its task was cancelled.
    mutating func stopWaiting(_ id: WaiterID) -> StopWaitingAction {
        self.waiters.remove(id).map { .resume($0.waiter) } ?? .doNothing
    }

    struct ExpireAction {
        /// Those whose time is over, in the order in which they came: tell them.
        var refuse: [Waiter]
        /// When to call again; nil ends the timer, until ``wait(_:id:lane:deadline:now:)`` wants another.
        var timer: UInt64?
    }

    /// The timer's time has come. One timer serves all who wait, so while connections come and go quickly it has little to do.
    mutating func expire(now: UInt64) -> ExpireAction {
        var expired: [Waiter] = []
        while let first = self.waiters.first, first.deadline <= now {
            expired.append(first.waiter)
            _ = self.waiters.popFirst()
        }
        let next = self.waiters.first?.deadline
        self.hasTimer = next != nil
        return ExpireAction(refuse: expired, timer: next)
    }

    // MARK: giving back

    enum ReleaseAction {
        case doNothing
        case hand(Connection, to: Waiter)
        case close(Connection)
        /// Close it and open so many others for those who wait.
        case closeAndOpen(Connection, Int)
        /// Close it; these wait in vain.
        case closeAndRefuse(Connection, [Waiter], Failure)
        /// Close it; it was the last after the shutdown.
        case closeAndFinish(Connection)
    }

    /// A connection comes back.
    /// - Parameter lane: where it was used
    mutating func release(_ connection: Connection, isUsable: Bool, lane: Int? = nil, now: UInt64) -> ReleaseAction {
        precondition(self.leased > 0, "A connection is released once")
        if isUsable, !self.isShutDown {
            if let waiting = self.nextWaiting(in: lane) {
                return .hand(connection, to: waiting.waiter)
            }
            self.leased -= 1
            self.idle.append(connection)
            return .doNothing
        }
        self.leased -= 1
        guard !self.isShutDown else {
            return self.isDrained ? .closeAndFinish(connection) : .close(connection)
        }
        guard !self.waiters.isEmpty else { return .close(connection) }
        let count = self.claimOpenings(now: now)
        if count == 0, self.leased == 0, self.opening == 0, let outage = self.outage {
            return .closeAndRefuse(connection, self.takeWaiters(), outage.failure)
        }
        return count == 0 ? .close(connection) : .closeAndOpen(connection, count)
    }

    /// Whose turn it is: the first in this lane who came little later than the first of all.
    private mutating func nextWaiting(in lane: Int?) -> Waiting? {
        guard let lane, let first = self.waiters.first, first.lane != lane else { return self.waiters.popFirst() }
        let near = self.waiters.popFirst { $0.lane == lane && $0.since <= first.since + Self.patience }
        return near ?? self.waiters.popFirst()
    }

    // MARK: opening

    enum OpenedAction {
        case doNothing
        /// Hand it over, and open so many others for those who still wait.
        case hand(Connection, to: Waiter, open: Int)
        case close(Connection)
        /// Close it; it was the last after the shutdown.
        case closeAndFinish(Connection)
    }

    /// A connection was made.
    mutating func opened(_ connection: Connection, now: UInt64) -> OpenedAction {
        precondition(self.opening > 0, "A connection is opened once")
        self.opening -= 1
        self.outage = nil
        guard !self.isShutDown else {
            return self.isDrained ? .closeAndFinish(connection) : .close(connection)
        }
        guard let waiting = self.waiters.popFirst() else {
            self.idle.append(connection)
            return .doNothing
        }
        self.leased += 1
        return .hand(connection, to: waiting.waiter, open: self.claimOpenings(now: now))
    }

    enum OpenFailedAction {
        case doNothing
        /// These wait in vain.
        case refuse([Waiter], Failure)
        /// It was the last after the shutdown.
        case finish
    }

    /// A connection could not be made.
    /// - Parameter jitter: a random number in 0 ..< 1
    mutating func openFailed(_ failure: Failure, now: UInt64, jitter: Double) -> OpenFailedAction {
        precondition(self.opening > 0, "An attempt to connect fails once")
        self.opening -= 1
        // attempts that were under way together count as one
        let attempts = (self.outage?.attempts ?? 0) + (self.opening == 0 ? 1 : 0)
        self.outage = Outage(
            failure: failure,
            attempts: attempts,
            retryAt: now + Self.pause(attempts: attempts, jitter: jitter)
        )
        guard !self.isShutDown else { return self.isDrained ? .finish : .doNothing }
        guard self.leased == 0, self.opening == 0, !self.waiters.isEmpty else { return .doNothing }
        return .refuse(self.takeWaiters(), failure)
    }

    private mutating func takeWaiters() -> [Waiter] {
        self.waiters.removeAll().map(\.waiter)
    }

    /// 50–100 ms after the first failure, twice that after each further one, at most 1–2 s.
    static func pause(attempts: Int, jitter: Double) -> UInt64 {
        let longest = 100_000_000 << UInt64(min(max(attempts - 1, 0), 5))
        return UInt64(Double(min(longest, 2_000_000_000)) * (0.5 + jitter / 2))
    }

    /// Reserves openings for those who wait and have none on the way for them.
    private mutating func claimOpenings(now: UInt64) -> Int {
        let wanted = min(self.waiters.count - self.opening, self.limit - self.leased - self.idle.count - self.opening)
        var count = max(wanted, 0)
        if let outage = self.outage {
            count = now < outage.retryAt || self.opening > 0 ? 0 : min(count, 1)
        }
        self.opening += count
        return count
    }

    // MARK: ending

    enum ShutDownAction {
        case doNothing
        case close([Connection], refuse: [Waiter])
        /// Nothing is left in use.
        case closeAndFinish([Connection], refuse: [Waiter])
    }

    /// No more connections are lent; those in use are closed when they come back.
    mutating func shutDown() -> ShutDownAction {
        guard !self.isShutDown else { return .doNothing }
        self.isShutDown = true
        let connections = self.idle
        self.idle = []
        let waiters = self.takeWaiters()
        return self.isDrained ? .closeAndFinish(connections, refuse: waiters) : .close(connections, refuse: waiters)
    }
}
