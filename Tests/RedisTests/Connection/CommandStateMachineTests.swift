import NIOCore
import Testing

@testable import Redis

@Suite struct CommandStateMachineTests {
    let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test func `nothing is taken before the connection and after it`() {
        var machine = CommandStateMachine<Int>()
        #expect(machine.submitted(1, self.start) == "refuse 1")
        machine.opened()
        #expect(machine.submitted(2, self.start) == "send, arm")
        let pending = machine.closed().map(\.request)
        #expect(pending == [2])
        #expect(machine.submitted(3, self.start) == "refuse 3")
    }

    @Test func `replies belong to the requests in order`() {
        var machine = CommandStateMachine<Int>()
        machine.opened()
        let submitted = [1, 2, 3].map { machine.submitted($0, self.start) }
        #expect(submitted == ["send, arm", "send", "send"])
        let completed = [machine.outcome(), machine.outcome(), machine.outcome(), machine.outcome()]
        #expect(completed == ["complete 1", "complete 2", "complete 3", "unsolicited"])
    }

    @Test func `one timer follows the oldest request`() {
        var machine = CommandStateMachine<Int>()
        machine.opened()
        _ = machine.submitted(1, self.start)
        _ = machine.submitted(2, self.start + .seconds(1))
        _ = machine.received()
        #expect(machine.reached(self.start) == "rearm 1000 ms")
        #expect(machine.reached(self.start + .seconds(1)) == "closeTimedOut")
        _ = machine.closed()
        #expect(machine.reached(self.start + .seconds(1)) == "wait")
    }

    @Test func `draining answers what is under way and takes nothing new`() {
        var machine = CommandStateMachine<Int>()
        machine.opened()
        _ = machine.submitted(1, self.start)
        _ = machine.submitted(2, self.start)
        if case .close = machine.drain() { Issue.record("closed with two requests under way") }
        #expect(machine.submitted(3, self.start) == "refuse 3")
        #expect(machine.outcome() == "complete 1")
        #expect(machine.outcome() == "completeAndClose 2")
    }

    @Test func `an idle connection drains at once`() {
        var machine = CommandStateMachine<Int>()
        machine.opened()
        if case .wait = machine.drain() { Issue.record("waits for nothing") }
        let isOpen = machine.isOpen
        #expect(!isOpen)
    }
}

extension CommandStateMachine<Int> {
    fileprivate mutating func submitted(_ request: Int, _ deadline: NIODeadline) -> String {
        switch self.submit(request, deadline: deadline) {
        case .send(let arm): arm == nil ? "send" : "send, arm"
        case .refuse(let request): "refuse \(request)"
        }
    }

    fileprivate mutating func outcome() -> String {
        switch self.received() {
        case .complete(let request): "complete \(request)"
        case .completeAndClose(let request): "completeAndClose \(request)"
        case .closeUnsolicited: "unsolicited"
        case .ignore: "ignore"
        }
    }

    fileprivate mutating func reached(_ now: NIODeadline) -> String {
        switch self.deadlineReached(now: now) {
        case .closeTimedOut: "closeTimedOut"
        case .rearm(let next): "rearm \((next - now).nanoseconds / 1_000_000) ms"
        case .wait: "wait"
        }
    }
}
