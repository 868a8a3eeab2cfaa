public import NIOCore

/// The server's end of one RFC 6455 session as a pure value: bytes in, actions out, no I/O and no clock.
///
/// It is not built on NIOWebSocket, for three reasons. A session must judge a stream before its frames are complete: invalid
/// UTF-8 inside a fragment, a length over the limit, a wrong first byte. NIO's decoder hands over whole frames and needs a
/// handler, a decoder and an aggregator object for each connection, where an idle socket of ours must cost next to nothing.
/// And as a value it is tested with tables and fuzzed without a channel.
///
/// Usage: feed it a buffer until it answers ``ReceiveAction/needMoreData`` or ``ReceiveAction/ended``; ``startClose()``
/// when our side wants to end. After `fail`, `closeReceived` and `closeCompleted` the session is over.
public struct WebSocketStateMachine: ~Copyable {
    /// What to do about received bytes.
    public enum ReceiveAction: Hashable, Sendable {
        /// Everything is taken.
        case needMoreData
        /// Deliver a text message; its bytes are valid UTF-8.
        case text(ByteBuffer)
        /// Deliver a binary message.
        case binary(ByteBuffer)
        /// Send a pong with this payload.
        case sendPong(ByteBuffer)
        /// A pong came; nothing to do.
        case pongReceived(ByteBuffer)
        /// The peer closes: send a Close frame with `reply` (nil: without a code), then close TCP. `code` is the peer's, 1005 if
        /// it gave none.
        case closeReceived(code: UInt16, reply: UInt16?)
        /// The peer answered our Close frame: close TCP. `code` is the peer's, 1005 if it gave none.
        case closeCompleted(code: UInt16)
        /// The peer broke the rules: send a Close frame with this code, then close TCP.
        case fail(code: UInt16, reason: String)
        /// The peer broke the rules after our Close frame: close TCP.
        case drop
        /// The session is over; the rest of the bytes is to be thrown away.
        case ended
    }

    /// What to do when our side wants to close.
    public enum StartCloseAction: Hashable, Sendable {
        /// Send the Close frame and wait for the peer's.
        case sendClose
        /// A Close frame was sent already, or the session is over.
        case doNothing
    }

    private enum Phase { case open, closeSent, ended }

    private enum Progress {
        case header
        case payload(FrameHeader, received: Int)
    }

    private let limits: SessionLimits
    private let isDeflateNegotiated: Bool
    private var phase = Phase.open
    private var decoder = FrameDecoder()
    private var progress = Progress.header
    private var message: MessageAssembly?
    private var control = ByteBuffer()

    /// How many messages were completely received; wraps. With ``isMidMessage`` it tells when a message began.
    public private(set) var completedMessages: UInt32 = 0

    /// A session right after the opening handshake.
    ///
    /// - Parameters:
    ///   - limits: What is accepted.
    ///   - isDeflateNegotiated: Whether RSV1 may be set on a message's first frame.
    public init(limits: SessionLimits, isDeflateNegotiated: Bool) {
        self.limits = limits
        self.isDeflateNegotiated = isDeflateNegotiated
    }

    /// Whether messages can be sent: no Close frame was sent or received.
    public var isOpen: Bool { self.phase == .open }

    /// Whether a message, or a frame, has begun and is not complete.
    public var isMidMessage: Bool {
        guard self.phase == .open else { return false }
        if case .payload = self.progress { return true }
        return self.message != nil || self.decoder.isMidHeader
    }

    /// Our side wants to close. Messages that still arrive are thrown away.
    public mutating func startClose() -> StartCloseAction {
        guard self.phase == .open else { return .doNothing }
        self.phase = .closeSent
        self.message = nil
        return .sendClose
    }

    /// TCP is gone.
    public mutating func setClosed() {
        self.phase = .ended
        self.message = nil
        self.control = ByteBuffer()
    }

    /// Takes bytes from the front of `buffer`, up to the first thing that needs doing.
    ///
    /// - Parameters:
    ///   - buffer: What arrived; call again with the rest.
    ///   - inflater: For compressed messages; keeps nothing between them, so one serves many sessions.
    public mutating func receive(_ buffer: inout ByteBuffer, inflater: inout Inflater) -> ReceiveAction {
        while self.phase != .ended {
            switch self.progress {
            case .header:
                switch self.decoder.next(from: &buffer) {
                case .needMoreData: return .needMoreData
                case .invalid(let fault): return self.fail(CloseCode.protocolError, fault.rawValue)
                case .header(let header):
                    if let action = self.begin(header) { return action }
                    self.progress = .payload(header, received: 0)
                }
            case .payload(let header, let received):
                let count = min(header.payloadLength - received, buffer.readableBytes)
                if count > 0, let action = self.take(count, of: header, at: received, from: &buffer) { return action }
                guard received + count == header.payloadLength else {
                    self.progress = .payload(header, received: received + count)
                    return .needMoreData
                }
                self.progress = .header
                if let action = self.complete(header, inflater: &inflater) { return action }
            }
        }
        return .ended
    }

    /// Judges a frame by its header and the session's state.
    private mutating func begin(_ header: FrameHeader) -> ReceiveAction? {
        if header.opcode.isControl {
            return header.rsv1 ? self.fail(CloseCode.protocolError, "RSV1 on a control frame") : nil
        }
        if header.rsv1 && (!self.isDeflateNegotiated || header.opcode == .continuation) {
            return self.fail(CloseCode.protocolError, "RSV1 unexpected")
        }
        guard self.phase == .open else { return nil }
        switch header.opcode {
        case .continuation:
            guard self.message != nil else { return self.fail(CloseCode.protocolError, "nothing to continue") }
        case .text, .binary:
            guard self.message == nil else { return self.fail(CloseCode.protocolError, "message inside a message") }
            guard header.opcode == .text || self.limits.acceptsBinary else {
                return self.fail(CloseCode.unsupportedData, "text only")
            }
            self.message = MessageAssembly(isText: header.opcode == .text, isCompressed: header.rsv1)
        case .close, .ping, .pong:
            preconditionFailure("Control frames are judged above")
        }
        switch self.message?.begin(fragmentOf: header.payloadLength, limits: self.limits) {
        case .tooBig: return self.fail(CloseCode.messageTooBig, "message too big")
        case .tooManyFragments: return self.fail(CloseCode.messageTooBig, "too many fragments")
        case nil: return nil
        }
    }

    /// Takes payload bytes.
    private mutating func take(
        _ count: Int,
        of header: FrameHeader,
        at offset: Int,
        from buffer: inout ByteBuffer
    ) -> ReceiveAction? {
        if header.opcode.isControl {
            self.control.appendUnmasked(from: &buffer, count: count, key: header.maskingKey, offset: offset)
            return nil
        }
        guard self.phase == .open else {
            buffer.moveReaderIndex(forwardBy: count)
            return nil
        }
        if self.message?.append(from: &buffer, count: count, key: header.maskingKey, offset: offset) == false {
            return self.fail(CloseCode.invalidPayload, "invalid UTF-8")
        }
        return nil
    }

    /// A frame's last byte is here.
    private mutating func complete(_ header: FrameHeader, inflater: inout Inflater) -> ReceiveAction? {
        guard header.opcode.isControl else {
            guard header.isFinal, let message = self.message else { return nil }
            self.message = nil
            return self.complete(message, inflater: &inflater)
        }
        var payload = ByteBuffer()
        swap(&payload, &self.control)
        switch header.opcode {
        case .ping: return self.phase == .open ? .sendPong(payload) : nil
        case .pong: return .pongReceived(payload)
        default: return self.receivedClose(payload)
        }
    }

    private mutating func complete(_ message: MessageAssembly, inflater: inout Inflater) -> ReceiveAction {
        guard message.endsWell else { return self.fail(CloseCode.invalidPayload, "invalid UTF-8") }
        var payload = message.payload
        if message.isCompressed {
            do {
                payload = try inflater.inflate(payload, limit: self.limits.maxMessageBytes)
            } catch {
                let isTooBig = error.code == .messageTooBig
                return self.fail(
                    isTooBig ? CloseCode.messageTooBig : CloseCode.invalidPayload,
                    isTooBig ? "message too big" : "not a DEFLATE message"
                )
            }
            if message.isText && !UTF8Validator.isValid(payload) { return self.fail(CloseCode.invalidPayload, "invalid UTF-8") }
        }
        self.completedMessages &+= 1
        return message.isText ? .text(payload) : .binary(payload)
    }

    /// RFC 6455 5.5.1 and 7.4: no code, or a code that may be on the wire with a reason in UTF-8.
    private mutating func receivedClose(_ payload: ByteBuffer) -> ReceiveAction {
        var reason = payload
        var code = CloseCode.noStatus
        if payload.readableBytes > 0 {
            guard let given = reason.readInteger(as: UInt16.self), CloseCode.isReceivable(given) else {
                return self.fail(CloseCode.protocolError, "close code invalid")
            }
            guard UTF8Validator.isValid(reason) else { return self.fail(CloseCode.invalidPayload, "close reason invalid") }
            code = given
        }
        let isAnswer = self.phase == .closeSent
        self.setClosed()
        if isAnswer { return .closeCompleted(code: code) }
        // 1010 tells a server which extensions the client wanted; it is not a server's to send.
        let reply = code == CloseCode.noStatus ? nil : CloseCode.isSendable(code) ? code : CloseCode.normal
        return .closeReceived(code: code, reply: reply)
    }

    private mutating func fail(_ code: UInt16, _ reason: String) -> ReceiveAction {
        let wasOpen = self.phase == .open
        self.setClosed()
        return wasOpen ? .fail(code: code, reason: reason) : .drop
    }
}
