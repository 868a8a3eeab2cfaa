import Foundation
import JSON
import Postgres
import REST
import Support
import Testing

@Suite("How many wrong passwords there may be", .inTurn)
struct PasswordLimitTests {
    @Test("ten wrong passwords from an address close an account for it, with Retry-After; other addresses and accounts stay open")
    func accountLimit() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let address = Salon.freshAddress()
        let email = JSONValue.string(salon.email(.master))
        for number in 0..<10 {
            let answer = try await LoginTests.ask(
                deployment.nodes[number % 2],
                "/login",
                ["email": email, "password": "wrong"],
                from: address
            )
            answer.expectError(401, "INVALID_CREDENTIALS")
        }
        for node in deployment.nodes {
            let right: JSONValue = ["email": email, "password": .string(Salon.password)]
            let answer = try await LoginTests.ask(node, "/login", right, from: address)
            answer.expectError(429, "RATE_LIMITED")
            try await LoginTests.ask(node, "/login", right).expect(200)
            #expect((1...900).contains(answer.header("retry-after").flatMap { Int($0) } ?? 0))
        }
        _ = try await salon.login(.admin)
    }

    @Test(
        "there may be so many tries to set up an account, wrong tokens for a new password, and registrations from an address",
        arguments: [("/setup", 10, 404), ("/reset-password", 10, 400), ("/register", 100, 201)]
    )
    func otherWaysIn(path: String, count: Int, status: Int) async throws {
        let world = try await TelegramWorld.standard.value.deployment
        let (address, name) = (Salon.freshAddress(), UUID().uuidString.lowercased())
        func ask(_ number: Int) async throws -> HTTPAnswer {
            let email = path == "/register" ? "\(number).\(name)@nowhere.test" : "\(name)@nowhere.test"
            let body: JSONValue = [
                "email": .string(email), "password": .string(Salon.password), "first_name": "Ганна", "salon_name": "Салон",
                "token": .string(name),
            ]
            return try await LoginTests.ask(world.nodes[number % 2], path, body, from: address)
        }
        for number in 0..<count { try await ask(number).expect(status) }
        let closed = try await ask(count)
        closed.expectError(429, "RATE_LIMITED")
        #expect((1...900).contains(closed.header("retry-after").flatMap { Int($0) } ?? 0))
        // Whoever was registered may log in from there.
        guard status == 201 else { return }
        let right: JSONValue = ["email": .string("0.\(name)@nowhere.test"), "password": .string(Salon.password)]
        try await LoginTests.ask(world.a, "/login", right, from: address).expect(200)
    }

    @Test("two installations on one Redis count apart")
    func apart() async throws {
        let address = Salon.freshAddress()
        let wrong: JSONValue = ["email": .string("\(UUID().uuidString)@nowhere.test"), "password": "wrong"]
        for node in [try await Deployment.standard.value.a, try await TelegramWorld.standard.value.a] {
            for _ in 0..<10 {
                try await LoginTests.ask(node, "/login", wrong, from: address).expectError(401, "INVALID_CREDENTIALS")
            }
            try await LoginTests.ask(node, "/login", wrong, from: address).expectError(429, "RATE_LIMITED")
        }
    }

    @Test("right passwords count for nothing, however many there are")
    func rightPasswords() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let address = Salon.freshAddress()
        let right: JSONValue = ["email": .string(salon.email(.master)), "password": .string(Salon.password)]
        for number in 0..<24 {
            try await LoginTests.ask(deployment.nodes[number % 2], "/login", right, from: address).expect(200)
        }
    }

    @Test("right passwords lock nobody out, many at once neither")
    func parallelRightPasswords() async throws {
        let deployment = try await Deployment.start()
        let (client, salon) = (deployment.database.client, try await Salon.make(on: deployment))
        let address = Salon.freshAddress()
        // None is through before all have begun.
        let logins = try await client.transaction { connection in
            _ = try await connection.query("LOCK TABLE users")
            let logins = Task {
                try await Self.burst(20, deployment, salon.email(.master), Salon.password, from: address)
            }
            try await poll("a node's pool waits") {
                try await deployment.database.waitingForLocks() >= 4 ? () : nil
            }
            // Tries that wait for a place or a connection are seen by nobody: there is no event that the others have begun too.
            try await Task.sleep(for: .milliseconds(300))
            return logins
        }
        let statuses = try await logins.value
        #expect(statuses == Array(repeating: 200, count: 20))
        // Nor do they take the place of wrong ones for long.
        let wrong = try await Self.burst(10, deployment, salon.email(.master), "wrong", from: address)
        #expect(wrong == Array(repeating: 401, count: 10))
        try await deployment.stop()
    }

    @Test("of wrong passwords no more than ten are looked at, many at once neither, on two nodes and without Redis")
    func parallelWrongPasswords() async throws {
        let deployment = try await Deployment.standard.value
        let email = try await Salon.make(on: deployment).email(.master)
        let statuses = try await Self.burst(60, deployment, email, "wrong", from: Salon.freshAddress())
        #expect(statuses.filter { $0 == 401 }.count == 10)
        #expect(statuses.filter { $0 == 429 }.count == 50)
        let alone = try await Deployment.start(nodes: 1, database: deployment.database, redis: "redis://127.0.0.1:1/0")
        let local = try await Self.burst(60, alone, email, "wrong", from: Salon.freshAddress())
        #expect(local.filter { $0 == 401 }.count == 10)
        let address = Salon.freshAddress()
        let right = try await Self.burst(20, alone, email, Salon.password, from: address)
        #expect(right == Array(repeating: 200, count: 20))
        try await alone.stop()
    }

    /// How a login is answered in the end: a full queue of the hasher asks for another try.
    private static func status(_ node: Node, _ email: String, _ password: String, from address: String) async throws -> Int {
        let body: JSONValue = ["email": .string(email), "password": .string(password)]
        while true {
            let answer = try await LoginTests.ask(node, "/login", body, from: address)
            if answer.status != 503 { return answer.status }
            // A client is told to come again, and never that there is room.
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// The statuses of so many logins at once.
    private static func burst(
        _ count: Int,
        _ deployment: Deployment,
        _ email: String,
        _ password: String,
        from address: String
    ) async throws -> [Int] {
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<count {
                let node = deployment.nodes[number % deployment.nodes.count]
                group.addTask { try await Self.status(node, email, password, from: address) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test("a hundred wrong passwords from one address close it for all accounts, and no other address")
    func addressLimit() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let address = Salon.freshAddress()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<100 {
                let node = deployment.nodes[number % 2]
                group.addTask { try await Self.status(node, "\(UUID().uuidString)@nowhere.test", "wrong", from: address) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { $0 == 401 })
        let right: JSONValue = ["email": .string(salon.email(.admin)), "password": .string(Salon.password)]
        let closed = try await LoginTests.ask(deployment.b, "/login", right, from: address)
        closed.expectError(429, "RATE_LIMITED")
        #expect(closed.header("retry-after") != nil)
        try await LoginTests.ask(deployment.b, "/login", right).expect(200)
    }
}
