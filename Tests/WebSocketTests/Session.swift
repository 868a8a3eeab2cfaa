import NIOCore

@testable import WebSocket

/// A state machine with the rest of what it needs, and what it said so far in words.
final class Session {
    private var machine: WebSocketStateMachine
    private var inflater = Inflater()
    private(set) var log: [String] = []

    init(
        maxMessageBytes: Int = 65_536,
        maxFragments: Int = 1_024,
        acceptsBinary: Bool = true,
        deflate: Bool = false
    ) {
        let limits = SessionLimits(
            maxMessageBytes: maxMessageBytes,
            maxFragments: maxFragments,
            acceptsBinary: acceptsBinary
        )
        self.machine = WebSocketStateMachine(limits: limits, isDeflateNegotiated: deflate)
    }

    var isOpen: Bool { self.machine.isOpen }
    var isMidMessage: Bool { self.machine.isMidMessage }
    var completedMessages: UInt32 { self.machine.completedMessages }

    func startClose() -> WebSocketStateMachine.StartCloseAction { self.machine.startClose() }

    /// Feeds bytes until they are all taken.
    @discardableResult
    func feed(_ bytes: some Sequence<UInt8>) -> [String] {
        var buffer = ByteBuffer(bytes: bytes)
        while true {
            let action = self.machine.receive(&buffer, inflater: &self.inflater)
            switch action {
            case .needMoreData, .ended: return self.log
            default: self.log.append(Self.describe(action))
            }
        }
    }

    /// The next action alone.
    func next(_ buffer: inout ByteBuffer) -> WebSocketStateMachine.ReceiveAction {
        self.machine.receive(&buffer, inflater: &self.inflater)
    }

    static func describe(_ action: WebSocketStateMachine.ReceiveAction) -> String {
        switch action {
        case .text(let payload): "text(\(String(buffer: payload)))"
        case .binary(let payload): "binary(\(payload.readableBytesView.map { $0 }))"
        case .sendPong(let payload): "pong(\(String(buffer: payload)))"
        case .pongReceived(let payload): "pongReceived(\(String(buffer: payload)))"
        case .closeReceived(let code, let reply): "close(\(code), reply \(reply.map(String.init) ?? "empty"))"
        case .closeCompleted(let code): "closed(\(code))"
        case .fail(let code, _): "fail(\(code))"
        case .drop: "drop"
        case .needMoreData: "needMoreData"
        case .ended: "ended"
        }
    }
}
