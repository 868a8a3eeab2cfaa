import NIOCore
import WebSocket

/// A session whose every word is held against the rules, as a peer and a caller may count on them.
struct WatchedSession: ~Copyable {
    typealias Action = WebSocketStateMachine.ReceiveAction

    private var machine: WebSocketStateMachine
    private var inflater = Inflater()
    private let limits: SessionLimits
    private var hasStartedClose = false
    private var hasEnded = false
    private var messages: UInt32 = 0
    /// What was to be done so far.
    private(set) var actions: [Action] = []

    init(limits: SessionLimits, isDeflateNegotiated: Bool) {
        self.limits = limits
        self.machine = WebSocketStateMachine(limits: limits, isDeflateNegotiated: isDeflateNegotiated)
    }

    var isOpen: Bool { self.machine.isOpen }
    var isMidMessage: Bool { self.machine.isMidMessage }

    mutating func startClose() {
        let mayClose = !self.hasStartedClose && !self.hasEnded
        let action = self.machine.startClose()
        demand(action == (mayClose ? .sendClose : .doNothing), "\(action) is the answer to a wish to close")
        self.hasStartedClose = true
        self.checkPhase()
    }

    /// Feeds bytes until they are all taken.
    mutating func feed(_ bytes: ByteBuffer) {
        var rest = bytes
        while true {
            let before = rest.readableBytes
            let action = self.machine.receive(&rest, inflater: &self.inflater)
            if action == .ended {
                demand(self.hasEnded, "The session says that it ended, without an end")
                return
            }
            demand(!self.hasEnded, "\(action) comes after the end")
            if action == .needMoreData {
                demand(rest.readableBytes == 0, "More data is wanted, and \(rest.readableBytes) bytes are left")
                return
            }
            demand(rest.readableBytes < before, "\(action) takes no bytes: this could go on for ever")
            self.check(action)
            self.actions.append(action)
            self.checkPhase()
        }
    }

    /// TCP ends: nothing may come of the session after that.
    mutating func finish() {
        self.machine.setClosed()
        self.hasEnded = true
        self.checkPhase()
        self.feed(ByteBuffer(bytes: [0x81, 0x80, 0, 0, 0, 0]))
        self.startClose()
    }

    private func checkPhase() {
        demand(self.isOpen == (!self.hasStartedClose && !self.hasEnded), "The session is open: \(self.isOpen)")
        demand(self.isOpen || !self.isMidMessage, "A session that is not open is within a message")
        demand(self.machine.completedMessages == self.messages, "\(self.machine.completedMessages) messages are counted")
    }

    private mutating func check(_ action: Action) {
        switch action {
        case .needMoreData, .ended: break
        case .text(let payload):
            self.checkMessage(payload)
            demand(String(validating: payload.readableBytesView, as: UTF8.self) != nil, "\(action) is not UTF-8")
        case .binary(let payload):
            self.checkMessage(payload)
            demand(self.limits.acceptsBinary, "A binary message is delivered that is not wanted")
        case .sendPong(let payload):
            demand(!self.hasStartedClose, "A pong would follow our Close frame")
            demand(WebSocketFrame.pong(payload).readableBytes <= 127, "\(action) is too long")
        case .pongReceived(let payload):
            demand(payload.readableBytes <= 125, "\(action) is too long")
        case .closeReceived(let code, let reply):
            demand(!self.hasStartedClose, "\(action) is the answer to our Close frame")
            demand(code == 1005 ? reply == nil : reply != nil && Self.maySend(code, isServer: false), "\(action)")
            self.checkClose(reply, "")
            self.hasEnded = true
        case .closeCompleted(let code):
            demand(self.hasStartedClose, "\(action) without a Close frame of ours")
            demand(code == 1005 || Self.maySend(code, isServer: false), "\(action)")
            self.hasEnded = true
        case .fail(let code, let reason):
            demand(!self.hasStartedClose, "\(action) would be a second Close frame of ours")
            demand([1002, 1003, 1007, 1009].contains(code), "\(action)")
            self.checkClose(code, reason)
            self.hasEnded = true
        case .drop:
            demand(self.hasStartedClose, "A session is dropped without a Close frame")
            self.hasEnded = true
        }
    }

    private mutating func checkMessage(_ payload: ByteBuffer) {
        demand(!self.hasStartedClose, "A message is delivered after our Close frame")
        demand(payload.readableBytes <= self.limits.maxMessageBytes, "A message has \(payload.readableBytes) bytes")
        self.messages += 1
    }

    private func checkClose(_ code: UInt16?, _ reason: String) {
        demand(code.map { Self.maySend($0, isServer: true) } ?? true, "The code \(code ?? 0) is not for the wire")
        demand(WebSocketFrame.close(code: code, reason: reason).readableBytes <= 127, "A Close frame is too long")
    }

    /// RFC 6455 7.4 and what IANA has added, written out once more.
    private static func maySend(_ code: UInt16, isServer: Bool) -> Bool {
        switch code {
        case 1000, 1001, 1002, 1003, 1007, 1008, 1009, 1011, 1012, 1013, 1014: true
        case 1010: !isServer
        default: code >= 3000 && code <= 4999
        }
    }
}
