import NIOCore
import NIOPosix

/// Tells when a socket that is not NIO's can be read, on one event loop.
///
/// NIO watches its own channels and nothing else, and a library such as libpq reads its socket by itself. So the kernel is asked to
/// look at the socket (``AIOContext``) and to say so on an eventfd, which NIO can watch as if it were a pipe: whoever waits for the
/// library's peer needs no thread to wait in.
public final class SocketWatcher: Sendable {
    /// Why a watch has ended.
    public enum Event: Sendable {
        /// There is something to read, or the socket has ended.
        case readable
        /// Its time is over, or the event loop ends.
        case expired
    }

    /// One of the sockets that are watched.
    public struct Watch: Hashable, Sendable {
        fileprivate let look: Int
        fileprivate let serial: UInt64
    }

    private struct Entry {
        let serial: UInt64
        let deadline: UInt64?
        let body: @Sendable (Event) -> Void
    }

    private struct State {
        let context: AIOContext
        /// By their looks. One that was given up is empty, though its look is not answered yet.
        var entries: [Entry?]
        var lastSerial: UInt64 = 0
        /// Nobody would hear of an answer any more.
        var isEnded = false
        /// When the next deadline is looked at; one timer serves all of them.
        var timer: (at: UInt64, task: Scheduled<Void>)?

        /// Ends a watch before it is answered.
        mutating func end(_ watch: Watch) -> Entry? {
            guard let entry = self.entries[watch.look], entry.serial == watch.serial else { return nil }
            self.entries[watch.look] = nil
            self.context.cancel(watch.look)
            return entry
        }
    }

    /// Which it is of its ``SocketWatchers``.
    public let number: Int
    /// Where all of it happens.
    private let eventLoop: any EventLoop
    private let state: NIOLoopBoundBox<State>

    private init(_ context: sending AIOContext, capacity: Int, number: Int, on eventLoop: any EventLoop) {
        self.number = number
        self.eventLoop = eventLoop
        self.state = .makeBoxSendingValue(
            State(context: context, entries: Array(repeating: nil, count: capacity)),
            eventLoop: eventLoop
        )
    }

    /// Makes one. It ends with the loop.
    ///
    /// - Parameters:
    ///   - eventLoop: one of NIO's own
    ///   - number: see ``number``
    ///   - capacity: how many sockets it can watch at a time
    /// - Returns: nil where the system has no such thing
    static func make(on eventLoop: any EventLoop, number: Int, capacity: Int) async -> SocketWatcher? {
        guard let context = AIOContext(capacity: capacity), let notified = context.copyNotified() else { return nil }
        let watcher = SocketWatcher(context, capacity: capacity, number: number, on: eventLoop)
        // If that fails, NIO may have closed the descriptor or not: it is not closed again.
        let channel = try? await NIOPipeBootstrap(group: eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Notifications(watcher))
                }
            }
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 64))
            .takingOwnershipOfDescriptor(input: notified).get()
        return channel == nil ? nil : watcher
    }

    /// Watches a socket until it can be read, once.
    ///
    /// To be called on the loop, as ``cancel(_:)`` is.
    /// - Parameters:
    ///   - socket: stays open until the watch has ended or was cancelled
    ///   - deadline: nanoseconds of `CLOCK_MONOTONIC`; nil for no limit
    ///   - body: called once on the loop, unless the watch is cancelled
    /// - Returns: nil when it can watch no more, or the loop ends; the body is not called then
    public func watch(_ socket: Int32, until deadline: UInt64?, _ body: @escaping @Sendable (Event) -> Void) -> Watch? {
        guard !self.state.value.isEnded, let look = self.state.value.context.look(at: socket) else { return nil }
        self.state.value.lastSerial += 1
        let serial = self.state.value.lastSerial
        self.state.value.entries[look] = Entry(serial: serial, deadline: deadline, body: body)
        if let deadline { self.setTimer(deadline) }
        return Watch(look: look, serial: serial)
    }

    /// Ends a watch without a word.
    /// - Returns: false when it had ended
    public func cancel(_ watch: Watch) -> Bool {
        self.state.value.end(watch) != nil
    }

    /// Whether this is called on the loop.
    public var isCurrent: Bool { self.eventLoop.inEventLoop }

    /// Runs something on the loop; may be called anywhere.
    public func execute(_ body: @escaping @Sendable () -> Void) {
        self.eventLoop.execute(body)
    }

    /// Passes on what the kernel has seen.
    fileprivate func tell() {
        self.state.value.context.answers { look in
            let entry = self.state.withValue { state in
                defer { state.entries[look] = nil }
                return state.entries[look]
            }
            entry?.body(.readable)
        }
    }

    private func setTimer(_ deadline: UInt64) {
        if let timer = self.state.value.timer {
            guard deadline < timer.at else { return }
            timer.task.cancel()
        }
        let task = self.eventLoop.assumeIsolated().scheduleTask(deadline: .uptimeNanoseconds(deadline)) {
            self.expire(now: NIODeadline.now().uptimeNanoseconds)
        }
        self.state.value.timer = (deadline, task)
    }

    /// The loop ends: nobody may be left waiting.
    fileprivate func end() {
        self.state.value.isEnded = true
        self.state.value.timer?.task.cancel()
        self.expire(now: .max)
    }

    private func expire(now: UInt64) {
        self.state.value.timer = nil
        var due: [Watch] = []
        var next: UInt64?
        for (look, entry) in self.state.value.entries.enumerated() {
            guard let entry else { continue }
            let deadline = entry.deadline ?? .max
            if deadline <= now {
                due.append(Watch(look: look, serial: entry.serial))
            } else if deadline < .max {
                next = min(next ?? deadline, deadline)
            }
        }
        if let next { self.setTimer(next) }
        // A body may cancel another one that is due.
        for watch in due {
            self.state.value.end(watch)?.body(.expired)
        }
    }
}

/// What comes on the eventfd: that there is something, not what.
private final class Notifications: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let watcher: SocketWatcher

    init(_ watcher: SocketWatcher) {
        self.watcher = watcher
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.watcher.tell()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.watcher.end()
    }
}
