import Foundation
import JSON
import REST
import Support
import Synchronization
import Testing

@Suite("Failover of PostgreSQL", .alone)
struct FailoverTests {
    private static let writers = 100
    private static let visits = 3

    /// Asks until it is done. What failed is sent again as it was: with its key it has its effect once.
    private static func insist(_ tally: Tally, _ ask: () async throws -> HTTPAnswer) async throws -> HTTPAnswer {
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            if let answer = try? await ask() {
                if (200..<300).contains(answer.status) { return answer }
                // 409: the first try is still under way.
                guard answer.status == 503 || answer["code"] == "IDEMPOTENCY_IN_PROGRESS" else {
                    throw Unexpected("\(answer.status): \(answer.text)")
                }
            }
            tally.failed()
            try await Task.sleep(for: .milliseconds(Int64.random(in: 50...150)))
        }
        throw Unexpected("it never succeeded")
    }

    @Test(
        "100 writers on two nodes, PostgreSQL killed among them: every key has its effect once, and nothing is without its event"
    )
    func writers() async throws {
        let server = try await blocking { try PrivatePostgres() }
        let deployment = try await Deployment.start(database: try await Database.migrated(server.url))
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let sockets = [try await desk.socket("appointments"), try await desk.at(deployment.b).socket("appointments")]
        let tally = Tally()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<Self.writers {
                let desk = desk.at(deployment.nodes[writer % 2])
                group.addTask {
                    for number in 0..<Self.visits {
                        let key = "writer \(writer) visit \(number)"
                        // Without a master, so that nothing conflicts.
                        let visit = salon.visit(9, ["staffId": .null, "notes": .string(key)])
                        let booked = try await Self.insist(tally) {
                            try await desk.post("/appointments", visit, [("Idempotency-Key", key)])
                        }
                        let path = "/appointments/\(try booked.json.id)"
                        _ = try await Self.insist(tally) { try await desk.put(path, ["price": JSONValue(1_000 + writer)]) }
                        tally.succeeded()
                    }
                }
            }
            group.addTask {
                try await poll(for: .seconds(60), "a third is done") {
                    tally.done > Self.writers * Self.visits / 3 ? () : nil
                }
                try await blocking { try server.restart(.immediate) }
            }
            try await group.waitForAll()
        }
        // It was in the middle of their work.
        #expect(tally.failures > 0)
        let head: Int64 = try await deployment.database.value(
            "SELECT seq FROM topic_heads WHERE topic = \("salon/\(salon.id)/appointments")"
        )
        // A price that is sent again changes nothing.
        #expect(head == Int64(2 * Self.writers * Self.visits))
        for socket in sockets {
            for seq in 1...head {
                guard case .message(let event) = try await socket.next().0 else { throw Unexpected("no event \(seq)") }
                try #require(event["seq"]?.int == seq)
            }
            try await socket.expectNothing()
        }
        let visits: Int64 = try await deployment.database.value("SELECT count(*) FROM appointments")
        #expect(visits == Int64(Self.writers * Self.visits))
        let guarantee = try await Guarantee.count(deployment.database)
        print("after the failover, \(tally.failures) tries failed and were made again:\n\(guarantee)")
        #expect(guarantee.broken.isEmpty, "\(guarantee)")
        // And these were counted at all.
        for what in ["changes without an event", "events without a change", "holes in seq", "keys that took effect twice"] {
            #expect(guarantee.counts[what] == 0)
        }
        try await deployment.stop()
        try await blocking { try server.remove() }
    }
}

/// How far the writers are.
private final class Tally: Sendable {
    struct Counts {
        var done = 0
        var failures = 0
    }

    private let state = Mutex(Counts())

    var done: Int { self.state.withLock { $0.done } }
    var failures: Int { self.state.withLock { $0.failures } }

    func succeeded() {
        self.state.withLock { $0.done += 1 }
    }

    func failed() {
        self.state.withLock { $0.failures += 1 }
    }
}
