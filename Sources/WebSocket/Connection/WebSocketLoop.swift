public import NIOCore

/// What the connections of one event loop share: timer wheel, zlib state and scratch space. To be used on that loop only.
public final class WebSocketLoop {
    /// The loop.
    public let eventLoop: any EventLoop
    let wheel: LivenessWheel
    var inflater = Inflater()
    /// Where the buffers of one tick are put together for one `send`.
    var scratch = ByteBuffer()
    /// The way past NIO.
    var directSend = DirectSend.kernel
    private var deflaters: [Int: DeflaterBox] = [:]
    /// Whether connections are over as soon as they begin.
    private(set) var isCut = false

    /// The shared state of an event loop; one for each.
    public init(eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.wheel = LivenessWheel(eventLoop: eventLoop)
    }

    /// How many connections are open or closing.
    public var connectionCount: Int { self.wheel.count }

    /// The connections that are open, closing, or waiting for the peer's end of TCP, whoever owns them.
    public var connections: [WebSocketConnection] { self.wheel.members.compactMap { $0 as? WebSocketConnection } }

    /// Ends them all without a word, with the handshakes that wait, and each that comes yet as soon as it is there.
    public func cut() {
        self.eventLoop.assertInEventLoop()
        self.isCut = true
        for member in self.wheel.members { member.closeNow() }
    }

    /// The compressed form of a message for a client's window, or nil if it would not get smaller.
    ///
    /// zlib has no raw DEFLATE with a window of 8 bits; with 9 it keeps to such a window while the message itself does.
    func deflate(_ message: ByteBuffer, windowBits: Int) -> ByteBuffer? {
        if windowBits == 8 && message.readableBytes > 256 { return nil }
        let bits = max(9, windowBits)
        let box = self.deflaters[bits] ?? DeflaterBox(windowBits: bits)
        self.deflaters[bits] = box
        guard let compressed = try? box.deflater.deflate(message) else { return nil }
        return compressed.readableBytes < message.readableBytes ? compressed : nil
    }
}

@available(*, unavailable)
extension WebSocketLoop: Sendable {}

/// Holds a compressor, which can't be copied, in a dictionary.
private final class DeflaterBox {
    var deflater: Deflater

    init(windowBits: Int) {
        self.deflater = Deflater(windowBits: windowBits)
    }
}

/// The ``WebSocketLoop`` of every event loop of a group.
public struct WebSocketLoops: Sendable {
    /// The loops.
    public let eventLoops: [any EventLoop]
    private let loops: [ObjectIdentifier: NIOLoopBoundBox<WebSocketLoop>]

    /// One for each loop of `group`.
    public init(group: any EventLoopGroup) {
        self.init(eventLoops: Array(group.makeIterator()))
    }

    /// One for each of these loops.
    public init(eventLoops: [any EventLoop]) {
        self.eventLoops = eventLoops
        var loops: [ObjectIdentifier: NIOLoopBoundBox<WebSocketLoop>] = [:]
        for eventLoop in eventLoops {
            loops[ObjectIdentifier(eventLoop)] = NIOLoopBoundBox.makeBoxSendingValue(
                WebSocketLoop(eventLoop: eventLoop),
                eventLoop: eventLoop
            )
        }
        self.loops = loops
    }

    /// The state of `eventLoop`, which must be one of the group's; to be called on it.
    public subscript(eventLoop: any EventLoop) -> WebSocketLoop {
        guard let box = self.loops[ObjectIdentifier(eventLoop)] else {
            preconditionFailure("An event loop of another group")
        }
        return box.value
    }
}
