import NIOCore
import Testing

@testable import Redis

@Suite struct SubscriptionStateMachineTests {
    typealias Command = SubscriptionStateMachine.Command
    let now = NIODeadline.uptimeNanoseconds(1)

    @Test func `what is wanted before the connection is subscribed on it, and then all is restored`() {
        var machine = SubscriptionStateMachine()
        _ = machine.subscribe("b")
        _ = machine.subscribe("a")
        _ = machine.subscribe("gone")
        _ = machine.unsubscribe("gone")
        machine.connected()
        let commands = machine.flush(now: self.now)
        #expect(commands == [Command(kind: .subscribe, channels: ["a", "b"])])
        #expect(machine.outcome(.subscribe, "a") == "subscribed")
        #expect(machine.outcome(.subscribe, "b") == "subscribed, all restored")
    }

    @Test func `asking twice says it once`() {
        var machine = SubscriptionStateMachine()
        machine.connected()
        _ = machine.subscribe("a")
        _ = machine.subscribe("a")
        _ = machine.unsubscribe("never")
        let commands = machine.flush(now: self.now)
        #expect(commands == [Command(kind: .subscribe, channels: ["a"])])
    }

    @Test func `subscribe, unsubscribe, subscribe is confirmed by the last answer only`() {
        var machine = SubscriptionStateMachine()
        machine.connected()
        _ = machine.subscribe("a")
        _ = machine.flush(now: self.now)
        _ = machine.unsubscribe("a")
        _ = machine.subscribe("a")
        #expect(machine.outcome(.subscribe, "a") == "nothing")
        let commands = machine.flush(now: self.now)
        #expect(commands == [Command(kind: .unsubscribe, channels: ["a"]), Command(kind: .subscribe, channels: ["a"])])
        #expect(machine.outcome(.unsubscribe, "a") == "nothing")
        #expect(machine.outcome(.subscribe, "a") == "subscribed")
        let isWanted = machine.isWanted("a")
        #expect(isWanted)
    }

    @Test func `a channel unsubscribed while it is restored does not hold up the rest`() {
        var machine = SubscriptionStateMachine()
        _ = machine.subscribe("a")
        _ = machine.subscribe("b")
        machine.connected()
        _ = machine.unsubscribe("b")
        let commands = machine.flush(now: self.now)
        #expect(commands == [Command(kind: .subscribe, channels: ["a", "b"]), Command(kind: .unsubscribe, channels: ["b"])])
        #expect(machine.outcome(.subscribe, "a") == "subscribed")
        #expect(machine.outcome(.subscribe, "b") == "nothing")
        #expect(machine.outcome(.unsubscribe, "b") == "all restored")
    }

    @Test func `a channel wanted later does not count among the restored`() {
        var machine = SubscriptionStateMachine()
        _ = machine.subscribe("a")
        machine.connected()
        _ = machine.subscribe("later")
        _ = machine.flush(now: self.now)
        #expect(machine.outcome(.subscribe, "a") == "subscribed, all restored")
        #expect(machine.outcome(.subscribe, "later") == "subscribed")
    }

    @Test(arguments: [(SubscriptionKind.subscribe, "b"), (.unsubscribe, "a"), (.unsubscribe, "b")])
    func `an answer nobody waits for is an error`(kind: SubscriptionKind, channel: String) {
        var machine = SubscriptionStateMachine()
        machine.connected()
        _ = machine.subscribe("a")
        _ = machine.flush(now: self.now)
        #expect(machine.outcome(kind, channel) == "unexpected")
    }

    @Test func `an answer to what was not sent yet is an error`() {
        var machine = SubscriptionStateMachine()
        machine.connected()
        _ = machine.subscribe("a")
        #expect(machine.outcome(.subscribe, "a") == "unexpected")
    }

    @Test func `a command has at most 500 channels`() {
        var machine = SubscriptionStateMachine()
        for number in 0..<1201 {
            _ = machine.subscribe("c\(number)")
        }
        machine.connected()
        let commands = machine.flush(now: self.now)
        #expect(commands.map(\.channels.count) == [500, 500, 201])
        #expect(Set(commands.flatMap(\.channels)).count == 1201)
    }

    @Test func `Redis owes an answer until the last one, counted from its last sign`() {
        var machine = SubscriptionStateMachine()
        machine.connected()
        _ = machine.subscribe("a")
        _ = machine.subscribe("b")
        var waiting = machine.waitingSince
        #expect(waiting == nil)
        _ = machine.flush(now: self.now)
        waiting = machine.waitingSince
        #expect(waiting == self.now)
        _ = machine.confirmed(.subscribe, "a", now: self.now + .seconds(1))
        waiting = machine.waitingSince
        #expect(waiting == self.now + .seconds(1))
        _ = machine.confirmed(.subscribe, "b", now: self.now + .seconds(2))
        waiting = machine.waitingSince
        #expect(waiting == nil)
    }

    /// A model of Redis beside the machine: whatever the order of requests, flushes, answers and losses, the machine never calls confirmed what Redis
    /// does not hold subscribed by its latest word, and in the end both agree.
    @Test(arguments: 0..<200 as Range<UInt64>) func `it agrees with Redis in any order of events`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var machine = SubscriptionStateMachine()
        var wire: [(SubscriptionKind, String)] = []
        var held: Set<String> = []
        var wanted: Set<String> = []
        var confirmed: Set<String> = []
        var isConnected = false
        let channels = ["a", "b", "c"]

        func answer() {
            guard !wire.isEmpty else { return }
            let (kind, channel) = wire.removeFirst()
            if kind == .subscribe { held.insert(channel) } else { held.remove(channel) }
            let outcome = machine.outcome(kind, channel)
            #expect(outcome != "unexpected")
            if outcome.hasPrefix("subscribed") {
                confirmed.insert(channel)
                #expect(held.contains(channel))
                #expect(wanted.contains(channel))
                #expect(!wire.contains { $0.1 == channel })
            }
        }
        func flush() {
            for command in machine.flush(now: self.now) {
                wire += command.channels.map { (command.kind, $0) }
            }
        }

        for _ in 0..<300 {
            let channel = channels[Int.random(in: 0..<3, using: &random)]
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<5:
                wanted.insert(channel)
                _ = machine.subscribe(channel)
            case 5..<10:
                wanted.remove(channel)
                confirmed.remove(channel)
                _ = machine.unsubscribe(channel)
            case 10..<14:
                flush()
            case 14..<19:
                answer()
            default:
                if isConnected {
                    machine.disconnected()
                    wire = []
                    held = []
                    confirmed = []
                } else {
                    machine.connected()
                }
                isConnected.toggle()
            }
        }
        if !isConnected {
            machine.connected()
        }
        flush()
        while !wire.isEmpty {
            answer()
        }
        #expect(held == wanted)
        #expect(confirmed == wanted)
        let count = machine.wantedCount
        #expect(count == wanted.count)
    }
}

extension SubscriptionStateMachine {
    fileprivate mutating func outcome(_ kind: SubscriptionKind, _ channel: String) -> String {
        switch self.confirmed(kind, channel, now: .uptimeNanoseconds(1)) {
        case .subscribed: "subscribed"
        case .subscribedAndAllRestored: "subscribed, all restored"
        case .allRestored: "all restored"
        case .doNothing: "nothing"
        case .closeUnexpected: "unexpected"
        }
    }
}
