import NIOCore

/// What any thread hands to the command connection's loop: formatted `PUBLISH` commands, bounded. One lock round it is enough.
struct PublishQueue {
    private let limit: Int
    private var isOpen = false
    private var queued = ByteBuffer()
    private var queuedCount = 0
    /// Bytes the loop has taken and the socket has not.
    private var inFlight = 0
    private var wakeUpPending = false
    private var isDropping = false

    /// Publishes that never left, since the start.
    private(set) var dropped = 0

    init(limit: Int) { self.limit = limit }

    enum AppendAction {
        /// Wake the loop up.
        case wakeUp
        /// It will take this one along.
        case doNothing
        /// Not queued; `first` of a row of drops of this kind.
        case droppedNotConnected
        case droppedBacklog(first: Bool)
    }

    mutating func append(_ command: ByteBuffer) -> AppendAction {
        guard self.isOpen else {
            self.dropped += 1
            return .droppedNotConnected
        }
        guard self.queued.readableBytes + self.inFlight + command.readableBytes <= self.limit else {
            self.dropped += 1
            defer { self.isDropping = true }
            return .droppedBacklog(first: !self.isDropping)
        }
        self.isDropping = false
        if self.queuedCount == 0 {
            self.queued = command
        } else {
            self.queued.writeImmutableBuffer(command)
        }
        self.queuedCount += 1
        guard !self.wakeUpPending else { return .doNothing }
        self.wakeUpPending = true
        return .wakeUp
    }

    /// The loop takes everything, in order.
    mutating func take() -> (bytes: ByteBuffer, count: Int) {
        defer {
            self.queued = ByteBuffer()
            self.queuedCount = 0
        }
        self.wakeUpPending = false
        return (self.queued, self.queuedCount)
    }

    /// The loop has that many bytes on their way now.
    mutating func inFlightChanged(to bytes: Int) { self.inFlight = bytes }

    /// One that Redis refused, or whose connection closed before an answer.
    mutating func lost(_ count: Int) { self.dropped += count }

    mutating func opened() { self.isOpen = true }

    mutating func closed() {
        self.isOpen = false
        self.dropped += self.queuedCount
        self.queued = ByteBuffer()
        self.queuedCount = 0
        self.inFlight = 0
    }
}
