import EventLoops
import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct SocketWatcherTests {
    @Test func itTellsOnceThatThereIsSomethingToRead() async throws {
        try await withWatcher { watcher in
            let pair = try SocketPair()
            let watch = await watcher.begin(pair)
            pair.write("a")
            #expect(try await watch.event() == .readable)
            pair.write("b")
            #expect(try await watcher.begin(pair).event() == .readable, "what is there already counts")
            await watcher.settle()
            #expect(watch.events == [.readable])
        }
    }

    @Test func itTellsThatThePeerHasLeft() async throws {
        try await withWatcher { watcher in
            let pair = try SocketPair()
            let watch = await watcher.begin(pair)
            pair.closePeer()
            #expect(try await watch.event() == .readable)
        }
    }

    @Test func aDeadlineEndsAWatch() async throws {
        try await withWatcher { watcher in
            let first = try SocketPair()
            let second = try SocketPair()
            // The later one first: the timer has to move forward.
            let late = await watcher.begin(second, until: .milliseconds(60))
            let soon = await watcher.begin(first, until: .milliseconds(20))
            #expect(try await soon.event() == .expired)
            #expect(late.events.isEmpty)
            #expect(try await late.event() == .expired)
            first.write("a")
            second.write("a")
            #expect(try await watcher.begin(first).event() == .readable)
            await watcher.settle()
            #expect(soon.events == [.expired] && late.events == [.expired])
        }
    }

    @Test func whatIsCancelledSaysNothing() async throws {
        try await withWatcher { watcher in
            let pair = try SocketPair()
            let watch = await watcher.begin(pair)
            #expect(await watcher.cancel(watch))
            #expect(await !watcher.cancel(watch))
            pair.write("a")
            #expect(try await watcher.begin(pair).event() == .readable)
            #expect(await !watcher.cancel(watch), "its place is another's by now")
            #expect(watch.events.isEmpty)
        }
    }

    @Test func itWatchesNoMoreThanItHasPlacesFor() async throws {
        try await withWatcher(capacity: 2) { watcher in
            let pairs = try (0..<3).map { _ in try SocketPair() }
            let first = await watcher.begin(pairs[0])
            let second = await watcher.begin(pairs[1])
            #expect(await watcher.tryBegin(pairs[2]) == nil)
            pairs[0].write("a")
            #expect(try await first.event() == .readable)
            let third = await watcher.begin(pairs[2])
            // A place that was given up is free when the kernel has said so.
            #expect(await watcher.cancel(second))
            var again = await watcher.tryBegin(pairs[1])
            while again == nil {
                await Task.yield()
                again = await watcher.tryBegin(pairs[1])
            }
            pairs[1].write("b")
            pairs[2].write("c")
            #expect(try await again?.event() == .readable)
            #expect(try await third.event() == .readable)
        }
    }

    @Test func aBodyMayWatchAgain() async throws {
        try await withWatcher(capacity: 1) { watcher in
            let pair = try SocketPair()
            pair.write("a")
            let rounds = Rounds(100)
            await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
                watcher.execute { rounds.run(watcher, pair, done) }
            }
            #expect(rounds.left == 0)
        }
    }

    @Test func nobodyIsLeftWaitingWhenTheLoopEnds() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let watchers = await SocketWatchers(group, capacity: 4)
        let watcher = try #require(try await group.next().submit { watchers.current }.get())
        let pair = try SocketPair()
        let watch = await watcher.begin(pair)
        let timed = await watcher.begin(pair, until: .seconds(600))
        try await group.shutdownGracefully()
        #expect(watch.events == [.expired] && timed.events == [.expired])
    }

    @Test func eachLoopHasItsOwn() async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        let watchers = await SocketWatchers(group, capacity: 4)
        #expect(watchers.isComplete)
        #expect(watchers.current == nil)
        for (number, loop) in group.makeIterator().enumerated() {
            let current = try await loop.submit { watchers.current }.get()
            #expect(current?.number == number)
            let task = Task(executorPreference: LoopExecutor(loop)) { watchers.current }
            #expect(await task.value === current)
        }
        try await group.shutdownGracefully()
    }
}

/// Runs a watcher on a loop of its own.
private func withWatcher(capacity: Int = 8, _ body: (SocketWatcher) async throws -> Void) async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let watchers = await SocketWatchers(group, capacity: capacity)
    let watcher = try #require(try await group.next().submit { watchers.current }.get())
    do {
        try await body(watcher)
    } catch {
        try await group.shutdownGracefully()
        throw error
    }
    try await group.shutdownGracefully()
}

/// A watch under way, and what came of it.
private final class Watching: Sendable {
    private let told = Mutex<[SocketWatcher.Event]>([])
    private let (ended, end) = AsyncStream.makeStream(of: SocketWatcher.Event.self)
    let watch = Mutex<SocketWatcher.Watch?>(nil)

    var events: [SocketWatcher.Event] { self.told.withLock { $0 } }

    func tell(_ event: SocketWatcher.Event) {
        self.told.withLock { $0.append(event) }
        self.end.yield(event)
    }

    /// What ended it.
    func event() async throws -> SocketWatcher.Event {
        var events = self.ended.makeAsyncIterator()
        return try #require(await events.next(), "the watch did not end")
    }
}

/// Watches a socket with something to read again and again.
private final class Rounds: Sendable {
    private let count: Mutex<Int>

    init(_ count: Int) {
        self.count = Mutex(count)
    }

    var left: Int { self.count.withLock { $0 } }

    func run(_ watcher: SocketWatcher, _ pair: SocketPair, _ done: CheckedContinuation<Void, Never>) {
        guard self.left > 0 else { return done.resume() }
        let watch = watcher.watch(pair.own, until: nil) { _ in
            self.count.withLock { $0 -= 1 }
            self.run(watcher, pair, done)
        }
        guard watch == nil else { return }
        Issue.record("its own place is free")
        done.resume()
    }
}

extension SocketWatcher {
    fileprivate func onLoop<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
        await withCheckedContinuation { continuation in
            self.execute { continuation.resume(returning: body()) }
        }
    }

    fileprivate func tryBegin(_ pair: SocketPair, until limit: Duration? = nil) async -> Watching? {
        let deadline = limit.map { NIODeadline.now() + TimeAmount($0) }
        return await self.onLoop {
            let watching = Watching()
            let watch = self.watch(pair.own, until: deadline?.uptimeNanoseconds) { watching.tell($0) }
            watching.watch.withLock { $0 = watch }
            return watch == nil ? nil : watching
        }
    }

    fileprivate func begin(_ pair: SocketPair, until limit: Duration? = nil) async -> Watching {
        let watching = await self.tryBegin(pair, until: limit)
        #expect(watching != nil, "there is room for it")
        return watching ?? Watching()
    }

    fileprivate func cancel(_ watching: Watching) async -> Bool {
        await self.onLoop { watching.watch.withLock { $0 }.map { self.cancel($0) } ?? false }
    }

    /// Returns when the loop has looked at its descriptors once more.
    fileprivate func settle() async {
        for _ in 0..<2 { await self.onLoop {} }
    }
}

/// Two sockets that talk to each other.
private final class SocketPair: Sendable {
    let own: Int32
    private let peer: Mutex<Int32>

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        self.own = ends[0]
        self.peer = Mutex(ends[1])
    }

    deinit {
        close(self.own)
        self.closePeer()
    }

    func write(_ text: String) {
        let sent = self.peer.withLock { peer in send(peer, text, text.utf8.count, 0) }
        #expect(sent == text.utf8.count)
    }

    func closePeer() {
        self.peer.withLock { peer in
            if peer >= 0 { close(peer) }
            peer = -1
        }
    }
}
