public import NIOCore

/// One ``SocketWatcher`` for each loop of a group.
public struct SocketWatchers: Sendable {
    private let watchers: [SocketWatcher]
    /// Whether every loop has one.
    public let isComplete: Bool

    /// Makes them, as far as the system has such a thing: a loop without one is nobody's ``current``.
    ///
    /// - Parameters:
    ///   - group: of NIO's own loops
    ///   - capacity: how many sockets each can watch at a time
    public init(_ group: any EventLoopGroup, capacity: Int) async {
        var watchers: [SocketWatcher] = []
        var count = 0
        for eventLoop in group.makeIterator() {
            let watcher = await SocketWatcher.make(on: eventLoop, number: count, capacity: capacity)
            if let watcher { watchers.append(watcher) }
            count += 1
        }
        self.watchers = watchers
        self.isComplete = watchers.count == count
    }

    /// That of the loop on which this is called.
    public var current: SocketWatcher? {
        self.watchers.first { $0.isCurrent }
    }
}
