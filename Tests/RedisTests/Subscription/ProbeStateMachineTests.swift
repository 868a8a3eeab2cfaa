import NIOCore
import Testing

@testable import Redis

@Suite struct ProbeStateMachineTests {
    let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func hearing() -> ProbeStateMachine {
        var machine = ProbeStateMachine(silence: .seconds(30), timeout: .seconds(5))
        machine.started(now: self.start)
        return machine
    }

    @Test func `silence leads to a probe, a late answer to suspicion, none to the end`() {
        var machine = self.hearing()
        #expect(machine.fired(self.start + .seconds(29)) == "wait")
        #expect(machine.fired(self.start + .seconds(30)) == "send n")
        #expect(machine.fired(self.start + .milliseconds(30_999)) == "wait")
        #expect(machine.fired(self.start + .seconds(31)) == "suspect")
        #expect(machine.fired(self.start + .milliseconds(34_999)) == "wait")
        #expect(machine.fired(self.start + .seconds(35)) == "deaf")
        let wakeUp = machine.wakeUp
        #expect(wakeUp == nil)
    }

    @Test func `whatever is heard puts the probe off`() {
        var machine = self.hearing()
        machine.heard(now: self.start + .seconds(20))
        #expect(machine.fired(self.start + .seconds(30)) == "wait")
        #expect(machine.fired(self.start + .seconds(50)) == "send n")
    }

    @Test func `only its own nonce answers a probe`() {
        var machine = self.hearing()
        #expect(machine.probed(self.start) == "send n")
        machine.heard(now: self.start + .seconds(1))
        if case .hearing = machine.heard(nonce: "other", now: self.start + .seconds(1)) { Issue.record("took another's nonce") }
        #expect(machine.fired(self.start + .seconds(1)) == "suspect")
        guard case .hearing = machine.heard(nonce: "n", now: self.start + .seconds(2)) else {
            Issue.record("did not know its nonce")
            return
        }
        let wakeUp = machine.wakeUp
        #expect(wakeUp == self.start + .seconds(32))
    }

    @Test func `a second doubt does not put the first probe's end off`() {
        var machine = self.hearing()
        #expect(machine.probed(self.start) == "send n")
        #expect(machine.probed(self.start + .seconds(4)) == "nothing")
        #expect(machine.fired(self.start + .seconds(5)) == "suspect")
        #expect(machine.fired(self.start + .seconds(5)) == "deaf")
    }

    @Test func `without a connection nothing is probed`() {
        var machine = self.hearing()
        machine.stopped()
        #expect(machine.probed(self.start) == "nothing")
        #expect(machine.fired(self.start + .hours(1)) == "wait")
    }
}

extension ProbeStateMachine {
    fileprivate mutating func fired(_ now: NIODeadline) -> String {
        switch self.timerFired(now: now, nonce: "n") {
        case .send(let nonce): "send \(nonce)"
        case .becomeSuspect: "suspect"
        case .closeDeaf: "deaf"
        case .wait: "wait"
        }
    }

    fileprivate mutating func probed(_ now: NIODeadline) -> String {
        switch self.probe(now: now, nonce: "n") {
        case .send(let nonce): "send \(nonce)"
        case .doNothing: "nothing"
        }
    }
}
