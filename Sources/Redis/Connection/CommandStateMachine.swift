import NIOCore

/// The pipeline of one connection: which requests wait for a reply, in order, and until when.
///
/// All requests have the same time to be answered, so the first one's deadline is the earliest and one timer is enough.
struct CommandStateMachine<Request>: ~Copyable {
    struct Pending {
        var request: Request
        var deadline: NIODeadline
    }

    private enum State: ~Copyable {
        case closed
        case open(CircularBuffer<Pending>)
        case draining(CircularBuffer<Pending>)
    }

    private var state: State

    init() { self.init(state: .closed) }

    private init(state: consuming State) { self.state = state }

    /// Whether there is a connection that takes requests.
    var isOpen: Bool {
        switch self.state {
        case .open: true
        case .closed: false
        case .draining: false
        }
    }

    /// The connection is usable.
    mutating func opened() {
        switch consume self.state {
        case .closed: self = .init(state: .open(CircularBuffer()))
        case .open: preconditionFailure("Opened twice without closing")
        case .draining: preconditionFailure("Opened while the last connection is draining")
        }
    }

    enum SubmitAction {
        /// Send it; when `arm` is set, wake up at that time.
        case send(arm: NIODeadline?)
        /// There is no connection.
        case refuse(Request)
    }

    mutating func submit(_ request: Request, deadline: NIODeadline) -> SubmitAction {
        switch consume self.state {
        case .closed:
            self = .init(state: .closed)
            return .refuse(request)
        case .draining(let pending):
            self = .init(state: .draining(pending))
            return .refuse(request)
        case .open(var pending):
            let isFirst = pending.isEmpty
            pending.append(Pending(request: request, deadline: deadline))
            self = .init(state: .open(pending))
            return .send(arm: isFirst ? deadline : nil)
        }
    }

    enum ReplyAction {
        case complete(Request)
        /// It was the last one and the service ends.
        case completeAndClose(Request)
        /// Nobody asked.
        case closeUnsolicited
        case ignore
    }

    mutating func received() -> ReplyAction {
        switch consume self.state {
        case .closed:
            self = .init(state: .closed)
            return .ignore
        case .open(var pending):
            let first = pending.popFirst()
            self = .init(state: .open(pending))
            return first.map { .complete($0.request) } ?? .closeUnsolicited
        case .draining(var pending):
            let first = pending.popFirst()
            let isLast = pending.isEmpty
            self = .init(state: .draining(pending))
            guard let first else { return .closeUnsolicited }
            return isLast ? .completeAndClose(first.request) : .complete(first.request)
        }
    }

    enum DeadlineAction {
        case closeTimedOut
        case rearm(NIODeadline)
        case wait
    }

    /// The timer fired.
    mutating func deadlineReached(now: NIODeadline) -> DeadlineAction {
        let first: NIODeadline?
        switch consume self.state {
        case .closed:
            first = nil
            self = .init(state: .closed)
        case .open(let pending):
            first = pending.first?.deadline
            self = .init(state: .open(pending))
        case .draining(let pending):
            first = pending.first?.deadline
            self = .init(state: .draining(pending))
        }
        guard let first else { return .wait }
        return first <= now ? .closeTimedOut : .rearm(first)
    }

    enum DrainAction {
        case close
        case wait
    }

    /// The service ends: no new requests, and close after the last reply.
    mutating func drain() -> DrainAction {
        switch consume self.state {
        case .closed:
            self = .init(state: .closed)
            return .close
        case .open(let pending):
            let isEmpty = pending.isEmpty
            self = .init(state: .draining(pending))
            return isEmpty ? .close : .wait
        case .draining(let pending):
            self = .init(state: .draining(pending))
            return .wait
        }
    }

    /// The connection is gone: these requests get no reply.
    mutating func closed() -> CircularBuffer<Pending> {
        switch consume self.state {
        case .closed:
            self = .init(state: .closed)
            return []
        case .open(let pending):
            self = .init(state: .closed)
            return pending
        case .draining(let pending):
            self = .init(state: .closed)
            return pending
        }
    }
}
