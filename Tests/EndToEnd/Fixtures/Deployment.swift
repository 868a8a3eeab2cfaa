import Foundation
import JSON
import REST
import Support

/// Nodes on one database and one Redis, as an operator runs them.
struct Deployment: Sendable {
    let database: Database
    let nodes: [Node]

    /// The first node.
    var a: Node { self.nodes[0] }
    /// The second node.
    var b: Node { self.nodes[1] }

    static let secretKey = "the tests' own key, of more than thirty-two bytes"
    static let signer = TokenSigner(secret: secretKey)

    /// Two nodes with the defaults, for all suites that need nothing special: salons keep them apart.
    static let standard = Task { try await Deployment.start() }

    /// Starts nodes.
    ///
    /// - Parameters:
    ///   - count: how many
    ///   - database: one of their own if nil
    ///   - redis: the shared one if nil
    ///   - more: settings beside the necessary ones
    static func start(
        nodes count: Int = 2,
        database: Database? = nil,
        redis: String? = nil,
        _ more: [String: String] = [:]
    ) async throws -> Deployment {
        var given = database
        if given == nil { given = try await Database.fresh() }
        guard let database = given else { throw CancellationError() }
        let shared = try await blocking { try PrivateRedis.sharedURL() }
        let settings = self.settings(database: database.url, redis: redis ?? shared).merging(more) { $1 }
        let nodes = try await withThrowingTaskGroup(of: (Int, Node).self) { group in
            for index in 0..<count { group.addTask { (index, try await Node.start(settings)) } }
            var nodes: [(Int, Node)] = []
            for try await node in group { nodes.append(node) }
            return nodes.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return Deployment(database: database, nodes: nodes)
    }

    /// What every node of the tests is told.
    static func settings(database: String, redis: String) -> [String: String] {
        [
            "DATABASE_URL": database, "REDIS_URL": redis, "SECRET_KEY": self.secretKey, "BCRYPT_COST": "4", "DB_POOL_SIZE": "4",
            // Each test says which address its wrong passwords come from.
            "TRUSTED_PROXIES": "127.0.0.1",
        ]
    }

    /// Ends all nodes as an operator does, and waits for it.
    func stop() async throws {
        for node in self.nodes { node.terminate() }
        for node in self.nodes { _ = try await node.exit(within: .seconds(30)) }
    }
}
