import Testing

@testable import Postgres

/// The pool with letters for connections, numbers for those who wait and texts for failures.
@Suite struct PoolStateMachineTests {
    private typealias Pool = PoolStateMachine<String, Int, String>

    /// An action as text: `#expect` holds no generic enum well.
    private func show<Action>(_ action: Action) -> String {
        String(describing: action)
    }

    private func pool(_ limit: Int = 2, holding connections: [String] = []) -> Pool {
        var pool = Pool(limit: limit)
        for (index, connection) in connections.enumerated() {
            _ = pool.wait(-index, id: 1_000_000 + UInt64(index), deadline: 0, now: 0)
            _ = pool.opened(connection, now: 0)
        }
        // nobody waits, so no timer runs
        _ = pool.expire(now: 0)
        return pool
    }

    @Test func theFirstRequestOpensAConnectionAndGetsIt() {
        var pool = Pool(limit: 2)
        #expect(self.show(pool.lease(now: 0)) == "wait")
        #expect(pool.queue(1, id: 1, now: 0) == "open 1")
        #expect(self.show(pool.opened("a", now: 1)) == #"hand("a", to: 1, open: 0)"#)
        #expect(pool.counts == (1, 0, 0, 0))
        #expect(self.show(pool.release("a", isUsable: true, now: 2)) == "doNothing")
        #expect(self.show(pool.lease(now: 3)) == #"use("a")"#)
    }

    @Test func theMostRecentlyUsedConnectionIsTaken() {
        var pool = self.pool(holding: ["a", "b"])
        _ = pool.release("a", isUsable: true, now: 0)
        _ = pool.release("b", isUsable: true, now: 0)
        #expect(self.show(pool.lease(now: 0)) == #"use("b")"#)
        #expect(self.show(pool.lease(now: 0)) == #"use("a")"#)
    }

    @Test func noMoreThanTheLimitAreOpenedAndTheRestWaitsInTurn() {
        var pool = Pool(limit: 2)
        #expect(pool.queue(1, id: 1, now: 0) == "open 1")
        #expect(pool.queue(2, id: 2, now: 0) == "open 1")
        #expect(pool.queue(3, id: 3, now: 0) == "open 0")
        #expect(pool.queue(4, id: 4, now: 0) == "open 0")
        #expect(self.show(pool.opened("a", now: 1)) == #"hand("a", to: 1, open: 0)"#)
        #expect(self.show(pool.release("a", isUsable: true, now: 2)) == #"hand("a", to: 2)"#)
        #expect(self.show(pool.opened("b", now: 3)) == #"hand("b", to: 3, open: 0)"#)
        #expect(self.show(pool.release("b", isUsable: true, now: 4)) == #"hand("b", to: 4)"#)
        #expect(pool.counts == (2, 0, 0, 0))
    }

    @Test func aConnectionStaysInItsLaneIfNobodyElseHasWaitedMuchLonger() {
        let ms: UInt64 = 1_000_000
        var pool = self.pool(1, holding: ["a"])
        _ = pool.wait(1, id: 1, lane: 0, deadline: .max, now: 0)
        _ = pool.wait(2, id: 2, lane: 1, deadline: .max, now: 10 * ms)
        _ = pool.wait(3, id: 3, lane: 1, deadline: .max, now: 10 * ms + 1)
        _ = pool.wait(4, id: 4, deadline: .max, now: 11 * ms)
        #expect(self.show(pool.release("a", isUsable: true, lane: 1, now: 12 * ms)) == #"hand("a", to: 2)"#)
        // The next of its lane came more than 10 ms after the first of all.
        #expect(self.show(pool.release("a", isUsable: true, lane: 1, now: 13 * ms)) == #"hand("a", to: 1)"#)
        #expect(self.show(pool.release("a", isUsable: true, lane: 0, now: 14 * ms)) == #"hand("a", to: 3)"#)
        #expect(self.show(pool.release("a", isUsable: true, lane: 1, now: 15 * ms)) == #"hand("a", to: 4)"#)
        #expect(pool.counts == (1, 0, 0, 0))
    }

    @Test func withoutALaneTheFirstIsServedFirst() {
        var pool = self.pool(1, holding: ["a"])
        _ = pool.wait(1, id: 1, lane: 1, deadline: .max, now: 0)
        _ = pool.wait(2, id: 2, deadline: .max, now: 1)
        #expect(self.show(pool.release("a", isUsable: true, now: 2)) == #"hand("a", to: 1)"#)
    }

    @Test func whoGivesUpIsSkipped() {
        var pool = self.pool(1, holding: ["a"])
        _ = pool.queue(1, id: 1, now: 0)
        _ = pool.queue(2, id: 2, now: 0)
        #expect(self.show(pool.stopWaiting(1)) == "resume(1)")
        #expect(self.show(pool.stopWaiting(1)) == "doNothing")
        #expect(self.show(pool.release("a", isUsable: true, now: 1)) == #"hand("a", to: 2)"#)
        #expect(self.show(pool.stopWaiting(2)) == "doNothing")
    }

    @Test func aConnectionOpenedForSomebodyWhoLeftServesTheNext() {
        var pool = Pool(limit: 2)
        _ = pool.queue(1, id: 1, now: 0)
        _ = pool.stopWaiting(1)
        #expect(pool.queue(2, id: 2, now: 0) == "open 0", "the opening under way is for whoever waits")
        #expect(self.show(pool.opened("a", now: 0)) == #"hand("a", to: 2, open: 0)"#)
        _ = pool.queue(3, id: 3, now: 0)
        _ = pool.stopWaiting(3)
        #expect(self.show(pool.opened("b", now: 0)) == "doNothing")
        #expect(pool.counts == (1, 1, 0, 0))
    }

    @Test func aBrokenConnectionIsReplacedForThoseWhoWait() {
        var pool = self.pool(1, holding: ["a"])
        _ = pool.queue(1, id: 1, now: 0)
        #expect(self.show(pool.release("a", isUsable: false, now: 1)) == #"closeAndOpen("a", 1)"#)
        #expect(self.show(pool.opened("b", now: 2)) == #"hand("b", to: 1, open: 0)"#)
        #expect(self.show(pool.release("b", isUsable: false, now: 3)) == #"close("b")"#)
        #expect(pool.counts == (0, 0, 0, 0))
    }

    @Test func afterAFailureRequestsFailAtOnceUntilThePauseIsOver() {
        var pool = Pool(limit: 4)
        _ = pool.queue(1, id: 1, now: 0)
        _ = pool.queue(2, id: 2, now: 0)
        #expect(self.show(pool.openFailed("down", now: 0, jitter: 0)) == "doNothing", "another attempt is under way")
        #expect(self.show(pool.openFailed("down", now: 0, jitter: 0)) == #"refuse([1, 2], "down")"#)
        let isReachable = pool.isReachable
        #expect(!isReachable)
        #expect(self.show(pool.lease(now: 49_999_999)).hasPrefix("refuse("))
        // then one attempt, however many wait
        #expect(self.show(pool.lease(now: 50_000_000)) == "wait")
        #expect(pool.queue(3, id: 3, now: 50_000_000) == "open 1")
        #expect(pool.queue(4, id: 4, now: 50_000_000) == "open 0")
        #expect(self.show(pool.openFailed("still down", now: 60_000_000, jitter: 0)) == #"refuse([3, 4], "still down")"#)
        // twice the pause
        #expect(self.show(pool.lease(now: 159_999_999)).hasPrefix("refuse("))
        #expect(pool.queue(5, id: 5, now: 160_000_000) == "open 1")
        _ = pool.queue(6, id: 6, now: 160_000_000)
        _ = pool.queue(7, id: 7, now: 160_000_000)
        // all who wait get one as soon as it works again
        #expect(self.show(pool.opened("a", now: 170_000_000)) == #"hand("a", to: 5, open: 2)"#)
        let isReachableAgain = pool.isReachable
        #expect(isReachableAgain)
    }

    @Test func whileSomeConnectionsWorkAFailureToOpenMoreRefusesNobody() {
        var pool = self.pool(2, holding: ["a"])
        _ = pool.queue(1, id: 1, now: 0)
        #expect(self.show(pool.openFailed("too many", now: 0, jitter: 0)) == "doNothing")
        #expect(pool.queue(2, id: 2, now: 1) == "open 0", "no new attempt in the pause")
        #expect(self.show(pool.release("a", isUsable: true, now: 2)) == #"hand("a", to: 1)"#)
        // the last one breaks too: nobody can serve those who wait
        #expect(self.show(pool.release("a", isUsable: false, now: 3)) == #"closeAndRefuse("a", [2], "too many")"#)
    }

    @Test func thePauseGrowsAndIsBounded() {
        let longest = (1...10).map { PoolStateMachine<Int, Int, Int>.pause(attempts: $0, jitter: 1) / 1_000_000 }
        #expect(longest == [100, 200, 400, 800, 1600, 2000, 2000, 2000, 2000, 2000])
        #expect(PoolStateMachine<Int, Int, Int>.pause(attempts: 1, jitter: 0) == 50_000_000)
    }

    @Test func afterTheShutdownNothingIsLentAndTheLastOneEndsIt() {
        var pool = self.pool(4, holding: ["a", "b"])
        _ = pool.release("a", isUsable: true, now: 0)
        _ = pool.queue(1, id: 1, now: 0)
        _ = pool.queue(2, id: 2, now: 0)
        #expect(pool.counts == (2, 0, 1, 1))
        #expect(self.show(pool.shutDown()) == "close([], refuse: [2])")
        #expect(self.show(pool.shutDown()) == "doNothing")
        #expect(
            self.show(pool.lease(now: 0))
                == "refuse(Postgres.PoolStateMachine<Swift.String, Swift.Int, Swift.String>.Refusal.closed)"
        )
        #expect(self.show(pool.release("a", isUsable: true, now: 0)) == #"close("a")"#)
        #expect(self.show(pool.opened("c", now: 0)) == #"close("c")"#)
        #expect(self.show(pool.release("b", isUsable: true, now: 0)) == #"closeAndFinish("b")"#)
    }

    @Test func anUnusedPoolEndsAtOnceAndAFailedAttemptCanBeTheLast() {
        var unused = Pool(limit: 1)
        #expect(self.show(unused.shutDown()) == "closeAndFinish([], refuse: [])")
        var pool = Pool(limit: 1)
        _ = pool.queue(1, id: 1, now: 0)
        #expect(self.show(pool.shutDown()) == "close([], refuse: [1])")
        #expect(self.show(pool.openFailed("down", now: 0, jitter: 0)) == "finish")
    }

    @Test func oneTimerServesAllWhoWait() {
        var pool = self.pool(1, holding: ["a"])
        #expect(self.show(pool.wait(1, id: 1, deadline: 100, now: 0)) == "wait(open: 0, timer: Optional(100))")
        #expect(self.show(pool.wait(2, id: 2, deadline: 110, now: 10)) == "wait(open: 0, timer: nil)")
        #expect(self.show(pool.wait(3, id: 3, deadline: 120, now: 20)) == "wait(open: 0, timer: nil)")
        #expect(self.show(pool.release("a", isUsable: true, now: 30)) == #"hand("a", to: 1)"#)
        #expect(self.show(pool.expire(now: 100)) == "ExpireAction(refuse: [], timer: Optional(110))")
        #expect(pool.counts == (1, 0, 0, 2))
        #expect(self.show(pool.expire(now: 120)) == "ExpireAction(refuse: [2, 3], timer: nil)")
        #expect(pool.counts == (1, 0, 0, 0))
        #expect(self.show(pool.wait(4, id: 4, deadline: 230, now: 130)) == "wait(open: 0, timer: Optional(230))")
    }

    @Test func whoHasLeftIsNotExpiredAndNoReasonToLookAgain() {
        var pool = self.pool(1, holding: ["a"])
        _ = pool.wait(1, id: 1, deadline: 100, now: 0)
        _ = pool.wait(2, id: 2, deadline: 110, now: 10)
        _ = pool.stopWaiting(1)
        #expect(self.show(pool.expire(now: 100)) == "ExpireAction(refuse: [], timer: Optional(110))")
        _ = pool.stopWaiting(2)
        #expect(self.show(pool.expire(now: 110)) == "ExpireAction(refuse: [], timer: nil)")
    }

    @Test func nobodyIsRefusedBeforeThoseWhoCameEarlier() {
        var pool = self.pool(1, holding: ["a"])
        _ = pool.wait(1, id: 1, deadline: 101, now: 1)
        // its clock was read before the other's
        _ = pool.wait(2, id: 2, deadline: 100, now: 0)
        #expect(self.show(pool.expire(now: 100)) == "ExpireAction(refuse: [], timer: Optional(101))")
        #expect(self.show(pool.expire(now: 101)) == "ExpireAction(refuse: [1, 2], timer: nil)")
    }

    /// Random walks through all inputs, checked against what must hold whatever happens: nobody is served twice or forgotten while
    /// something is free, the limit holds, and the shutdown ends.
    @Test(arguments: 0..<300)
    func invariantsHoldOnRandomWalks(_ seed: Int) {
        var random = Seeded(state: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1)
        let limit = 1 + Int(random.next() % 4)
        var pool = Pool(limit: limit)
        var now: UInt64 = 0
        var nextID = 0
        var nextConnection = 0
        var opening = 0
        var waiting: [Int] = []
        var leased: [String] = []
        var idle: Set<String> = []
        var isFinished = false
        var isShutDown = false
        let patience: UInt64 = 300_000_000
        var deadlines: [Int: UInt64] = [:]
        var timer: UInt64?

        func hand(_ connection: String, to waiter: Int, in lane: Int? = nil) {
            if waiting.first != waiter {
                #expect(lane != nil && Self.lanes[waiter % 3] == lane, "first come, first served, but for those of one lane")
                let later = deadlines[waiter, default: .max] - deadlines[waiting[0], default: 0]
                #expect(later <= 10_000_000, "who came long after is not before")
            }
            waiting.removeAll { $0 == waiter }
            leased.append(connection)
        }
        func refuse(_ waiters: [Int]) {
            #expect(waiters == waiting)
            waiting = []
        }

        for step in 0..<400 {
            now += random.next() % 40_000_000
            if let time = timer, time <= now {
                let action = pool.expire(now: now)
                #expect(action.refuse == waiting.filter { deadlines[$0, default: 0] <= now })
                waiting.removeAll { deadlines[$0, default: 0] <= now }
                #expect(action.timer == waiting.first.flatMap { deadlines[$0] })
                timer = action.timer
            }
            switch random.next() % (step > 350 ? 9 : 8) {
            case 0, 1, 2:
                nextID += 1
                switch pool.wait(nextID, id: UInt64(nextID), lane: Self.lanes[nextID % 3], deadline: now + patience, now: now) {
                case .use(let connection):
                    #expect(waiting.isEmpty && idle.remove(connection) != nil)
                    leased.append(connection)
                case .refuse(.closed): #expect(isShutDown)
                case .refuse(.unreachable): #expect(leased.isEmpty && opening == 0 && idle.isEmpty)
                case .wait(let count, let time):
                    waiting.append(nextID)
                    deadlines[nextID] = now + patience
                    opening += count
                    if let time {
                        #expect(timer == nil && time == now + patience, "one timer for all")
                        timer = time
                    }
                }
            case 3:
                guard opening > 0 else { break }
                opening -= 1
                nextConnection += 1
                switch pool.opened("c\(nextConnection)", now: now) {
                case .doNothing: idle.insert("c\(nextConnection)")
                case .hand(let connection, let waiter, let count):
                    hand(connection, to: waiter)
                    opening += count
                case .close: #expect(isShutDown)
                case .closeAndFinish: isFinished = true
                }
            case 4:
                guard opening > 0 else { break }
                opening -= 1
                switch pool.openFailed("down", now: now, jitter: Double(random.next() % 100) / 100) {
                case .doNothing: break
                case .refuse(let waiters, _): refuse(waiters)
                case .finish: isFinished = true
                }
            case 5, 6:
                guard !leased.isEmpty else { break }
                let connection = leased.remove(at: Int(random.next() % UInt64(leased.count)))
                let lane = Self.lanes[Int(random.next() % 3)]
                switch pool.release(connection, isUsable: random.next() % 3 > 0, lane: lane, now: now) {
                case .doNothing: idle.insert(connection)
                case .hand(let connection, let waiter): hand(connection, to: waiter, in: lane)
                case .close: break
                case .closeAndOpen(_, let count): opening += count
                case .closeAndRefuse(_, let waiters, _): refuse(waiters)
                case .closeAndFinish: isFinished = true
                }
            case 7:
                guard !waiting.isEmpty else { break }
                let id = waiting.remove(at: Int(random.next() % UInt64(waiting.count)))
                guard case .resume(id) = pool.stopWaiting(UInt64(id)) else {
                    Issue.record("\(id) waits and was not found")
                    break
                }
            default:
                switch pool.shutDown() {
                case .doNothing: #expect(isShutDown)
                case .close(let connections, let waiters):
                    #expect(Set(connections) == idle && !(leased.isEmpty && opening == 0))
                    refuse(waiters)
                case .closeAndFinish(let connections, let waiters):
                    #expect(Set(connections) == idle && leased.isEmpty && opening == 0)
                    refuse(waiters)
                    isFinished = true
                }
                idle = []
                isShutDown = true
            }
            let counts = pool.counts
            #expect(counts == (leased.count, idle.count, opening, waiting.count))
            #expect(counts.leased + counts.idle + counts.opening <= limit)
            #expect(waiting.isEmpty || idle.isEmpty, "nobody waits beside a free connection")
            #expect(
                waiting.isEmpty || leased.count + opening > 0,
                "whoever waits can be served or refused by something under way"
            )
            #expect(waiting.isEmpty || timer != nil, "whoever waits is not forgotten")
            #expect(isFinished == (isShutDown && leased.isEmpty && opening == 0))
        }
    }

    private static let lanes: [Int?] = [nil, 0, 1]

    private struct Seeded {
        var state: UInt64
        mutating func next() -> UInt64 {
            self.state ^= self.state << 13
            self.state ^= self.state >> 7
            self.state ^= self.state << 17
            return self.state >> 11
        }
    }
}

extension PoolStateMachine<String, Int, String> {
    /// Waits with all the time there is.
    /// - Returns: how many connections are to be opened, as text, or what else happened
    fileprivate mutating func queue(_ waiter: Int, id: UInt64, now: UInt64) -> String {
        switch self.wait(waiter, id: id, deadline: .max, now: now) {
        case .wait(let count, _): "open \(count)"
        case let other: String(describing: other)
        }
    }
}
