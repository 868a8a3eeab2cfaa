import Foundation
import JSON
import REST
import Support
import Synchronization
import Testing

@Suite("Outages")
struct OutageTests {
    @Test("ten seconds without Redis under writes: REST works, sockets stay, events come late by a second at most, none is lost")
    func redisAway() async throws {
        let redis = try await blocking { try PrivateRedis() }
        let deployment = try await Deployment.start(redis: redis.url)
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let (ending, manager) = (try await salon.login(.receptionist), try await salon.login(.manager))
        let sockets = [try await manager.socket("appointments"), try await manager.at(deployment.b).socket("appointments")]
        let loggedIn = [try await ending.socket("appointments"), try await ending.at(deployment.b).socket("appointments")]
        let writing = Switch()
        let written = try await withThrowingTaskGroup(of: Int.self) { group in
            for (index, node) in deployment.nodes.enumerated() {
                group.addTask {
                    var count = 0
                    while writing.isOn {
                        // Without a master, so that nothing conflicts.
                        let visit = salon.visit(9 + index, ["staffId": .null, "notes": .string("\(index) \(count)")])
                        try await desk.at(node).book(visit)
                        count += 1
                        try await Task.sleep(for: .milliseconds(40))
                    }
                    return count
                }
            }
            group.addTask {
                defer { writing.turnOff() }
                try await Task.sleep(for: .seconds(1))
                let start = ContinuousClock.now
                try await blocking { try redis.stop(.kill) }
                for node in deployment.nodes {
                    try await poll("the node has noticed") { try await node.readiness() == (200, "degraded") ? () : nil }
                }
                // A login's end is known without Redis too.
                try await ending.post("/auth/logout").expect(204)
                let loggedOut = ContinuousClock.now
                for socket in loggedIn {
                    while case .message = try await socket.next().0 {}
                }
                // Redis is away for seconds yet.
                #expect(ContinuousClock.now - loggedOut < .seconds(5))
                try await Task.sleep(until: start + .seconds(10))
                try await blocking { try redis.start() }
                for node in deployment.nodes {
                    try await poll("the node hears again") { try await node.readiness() == (200, "ready") ? () : nil }
                }
                try await Task.sleep(for: .seconds(1))
                return 0
            }
            return try await group.reduce(0, +)
        }
        #expect(written > 100)
        for socket in sockets {
            var latest = Duration.zero
            for seq in 1...written {
                let (incoming, moment) = try await socket.next()
                guard case .message(let event) = incoming else { throw Unexpected("\(incoming) instead of event \(seq)") }
                try #require(event["seq"]?.int == Int64(seq))
                latest = max(latest, try Self.lateness(event, arrived: moment))
            }
            try await socket.expectNothing()
            #expect(latest < .seconds(2))
        }
        try await deployment.stop()
        try await blocking { try redis.remove() }
    }

    /// From the event's own time to its arrival.
    private static func lateness(_ event: JSONValue, arrived: ContinuousClock.Instant) throws -> Duration {
        let parser = ISO8601DateFormatter()
        parser.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        let at = try #require(event["at"]?.string.flatMap { parser.date(from: $0) })
        let sinceThen = ContinuousClock.now - arrived
        return .seconds(Date().timeIntervalSince(at)) - sinceThen
    }

    @Test("PostgreSQL crashes and comes back under writes: 503 meanwhile, then everything flows on the same sockets, none lost")
    func postgresRestarts() async throws {
        let server = try await blocking { try PrivatePostgres() }
        let deployment = try await Deployment.start(database: try await Database.migrated(server.url))
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let sockets = [try await desk.socket("appointments"), try await desk.at(deployment.b).socket("appointments")]
        let writing = Switch()
        let statuses = try await withThrowingTaskGroup(of: [Int].self) { group in
            for node in deployment.nodes {
                group.addTask {
                    var statuses: [Int] = []
                    while writing.isOn {
                        let answer = try await desk.at(node).post("/appointments", salon.visit(9, ["staffId": .null]))
                        statuses.append(answer.status)
                        try await Task.sleep(for: .milliseconds(20))
                    }
                    return statuses
                }
            }
            group.addTask {
                defer { writing.turnOff() }
                try await Task.sleep(for: .milliseconds(500))
                try await blocking { try server.restart(.immediate) }
                for node in deployment.nodes {
                    try await poll("the node writes again") {
                        try await desk.at(node).post("/appointments", salon.visit(9, ["staffId": .null])).status == 201 ? () : nil
                    }
                    #expect(try await node.readiness() == (200, "ready"))
                }
                return []
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(statuses).subtracting([201, 503]).isEmpty, "\(Set(statuses))")
        let head: Int64 = try await deployment.database.value(
            "SELECT seq FROM topic_heads WHERE topic = \("salon/\(salon.id)/appointments")"
        )
        #expect(head == (try await deployment.database.value("SELECT count(*) FROM appointments")))
        for socket in sockets {
            for seq in 1...head { try #require(try await socket.expect("appointment:created")["seq"]?.int == seq) }
            let visit = try await desk.book(salon.visit(9, date: "2026-07-0\(sockets[0] === socket ? 1 : 2)"))
            while true {
                let event = try await socket.expect("appointment:created")
                if event["data"] == visit { break }
            }
        }
        try await deployment.stop()
        try await blocking { try server.remove() }
    }
}

/// Tells writers to stop.
private final class Switch: Sendable {
    private let state = Mutex(true)

    var isOn: Bool { self.state.withLock { $0 } }

    func turnOff() {
        self.state.withLock { $0 = false }
    }
}
