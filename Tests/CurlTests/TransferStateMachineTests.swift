import Testing

@testable import Curl

@Suite struct TransferStateMachineTests {
    private typealias Machine = TransferStateMachine<String>

    private static let request = CurlRequest(.get, "http://127.0.0.1/")

    @Test func `what is asked for is handed to the thread once`() {
        var machine = Machine(limit: 10)
        _ = machine.submit(id: 1, request: Self.request, waiter: "a")
        _ = machine.submit(id: 2, request: Self.request, waiter: "b")
        #expect(machine.takeWork().begun.map(\.id) == [1, 2])
        #expect(machine.takeWork().begun.isEmpty)
        #expect(machine.ended(id: 2) == "b")
        #expect(machine.ended(id: 2) == nil)
    }

    @Test func `a waiter that was cancelled is told once and its transfer broken off`() {
        var machine = Machine(limit: 10)
        _ = machine.submit(id: 1, request: Self.request, waiter: "a")
        _ = machine.takeWork()
        guard case .wakeUp("a") = machine.cancel(id: 1) else { return #expect(Bool(false), "nobody was told") }
        guard case .doNothing = machine.cancel(id: 1) else { return #expect(Bool(false), "told twice") }
        #expect(machine.takeWork().dropped == [1])
        #expect(machine.takeWork().dropped.isEmpty)
        #expect(machine.ended(id: 1) == nil)
    }

    @Test func `what is cancelled before the thread has taken it never begins`() {
        var machine = Machine(limit: 10)
        _ = machine.submit(id: 1, request: Self.request, waiter: "a")
        _ = machine.cancel(id: 1)
        let work = machine.takeWork()
        #expect(work.begun.isEmpty)
        #expect(work.dropped.isEmpty)
    }

    @Test func `beyond the limit it refuses, until one has ended`() {
        var machine = Machine(limit: 1)
        _ = machine.submit(id: 1, request: Self.request, waiter: "a")
        guard case .refuse("b", let error) = machine.submit(id: 2, request: Self.request, waiter: "b") else {
            return #expect(Bool(false), "it was taken")
        }
        #expect(error.code == .tooManyTransfers)
        _ = machine.ended(id: 1)
        guard case .wakeUp = machine.submit(id: 3, request: Self.request, waiter: "c") else {
            return #expect(Bool(false), "it was refused")
        }
    }

    @Test func `a stop tells all who wait, and whoever comes later`() {
        var machine = Machine(limit: 10)
        _ = machine.submit(id: 1, request: Self.request, waiter: "a")
        _ = machine.takeWork()
        _ = machine.submit(id: 2, request: Self.request, waiter: "b")
        #expect(machine.stop().sorted() == ["a", "b"])
        #expect(machine.stop().isEmpty)
        let work = machine.takeWork()
        #expect(work.isStopping)
        #expect(work.begun.isEmpty)
        #expect(machine.takeWork().isStopping)
        guard case .refuse("c", let error) = machine.submit(id: 3, request: Self.request, waiter: "c") else {
            return #expect(Bool(false), "it was taken")
        }
        #expect(error.code == .closed)
    }
}
