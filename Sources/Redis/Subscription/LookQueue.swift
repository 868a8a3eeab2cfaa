public import NIOCore

/// What somebody is about to look at in Redis, because it may have changed: each thing once, however often that is said, and many
/// of them in one step.
///
/// Unchecked because it is confined to its event loop, ``run(while:_:)`` apart.
public final class LookQueue<Thing: Hashable & Sendable>: @unchecked Sendable {
    private let eventLoop: any EventLoop
    private let batch: Int
    private var wanted: Set<Thing> = []
    private let wakeUps = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    /// - Parameters:
    ///   - eventLoop: the subscriber's, as a rule
    ///   - batch: how many things one step takes at most
    public init(on eventLoop: any EventLoop, batch: Int) {
        self.eventLoop = eventLoop
        self.batch = batch
    }

    /// These are to be looked at soon. On the event loop.
    public func add(_ things: some Collection<Thing>) {
        self.eventLoop.preconditionInEventLoop()
        guard !things.isEmpty else { return }
        self.wanted.formUnion(things)
        self.wakeUps.continuation.yield()
    }

    /// Has them looked at as they come, one batch after the other, until it is cancelled. Called once.
    ///
    /// - Parameters:
    ///   - isWanted: whether somebody still cares; asked on the event loop, right before
    ///   - look: looks at a batch; what it finds is its own affair
    public func run(while isWanted: @escaping @Sendable (Thing) -> Bool, _ look: ([Thing]) async -> Void) async {
        for await _ in self.wakeUps.stream {
            let things = (try? await self.eventLoop.submit { self.take(isWanted) }.get()) ?? []
            for start in stride(from: 0, to: things.count, by: self.batch) {
                await look(Array(things[start..<min(start + self.batch, things.count)]))
            }
        }
    }

    private func take(_ isWanted: (Thing) -> Bool) -> [Thing] {
        defer { self.wanted = [] }
        return self.wanted.filter(isWanted)
    }
}
