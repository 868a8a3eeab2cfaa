import Foundation
import Postgres
import Support

/// A database of a suite's own: migrated, empty, with an instance id of its own, so that one Redis serves them all.
struct Database: Sendable {
    let url: String
    let client: PostgresClient

    private init(url: String) {
        self.url = url
        let configuration = PostgresConfiguration(url: url, poolSize: 4, applicationName: "tests")
        self.client = PostgresClient(configuration: configuration, logger: .init(label: "test"))
    }

    /// A copy of the migrated template on the shared server.
    static func fresh() async throws -> Database {
        let template = try await self.template.value
        let name = "e2e_\(ProcessInfo.processInfo.processIdentifier)_\(UUID().uuidString.prefix(8).lowercased())"
        let database = try await self.make("\(name)", "TEMPLATE \(template.name)", on: template.server)
        // Channels carry this id: a copy must not be taken for its original.
        try await database.client.query("UPDATE instance SET id = gen_random_uuid()")
        return database
    }

    /// A new database on the shared server, not migrated.
    ///
    /// - Parameter options: of `CREATE DATABASE`
    static func unmigrated(_ options: String) async throws -> Database {
        let server = try await blocking { try PrivatePostgres.sharedURL() }
        return try await self.make("e2e_\(UUID().uuidString.prefix(8).lowercased())", options, on: server)
    }

    /// A server's own database, migrated.
    static func migrated(_ url: String) async throws -> Database {
        let database = Database(url: url)
        try await database.migrate()
        return database
    }

    /// Runs `adelante migrate` on it.
    func migrate() async throws {
        let (exit, output) = try await Node.run(
            ["migrate"],
            Deployment.settings(database: self.url, redis: "redis://127.0.0.1:1/0")
        )
        guard exit == .status(0) else { throw Unexpected("migrate ended with \(exit): \(output)") }
    }

    /// How many sessions of this database wait for a lock.
    func waitingForLocks() async throws -> Int64 {
        try await self.value(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
    }

    /// One value.
    func value<Value: PostgresDecodable>(_ sql: SQL, as type: Value.Type = Value.self) async throws -> Value {
        try await self.client.query(sql).only().get(0, as: type)
    }

    private static let template = Task {
        let server = try await blocking { try PrivatePostgres.sharedURL() }
        let name = "e2e_template_\(ProcessInfo.processInfo.processIdentifier)"
        try await Database.make(name, "", on: server).migrate()
        return (server: server, name: name)
    }

    private static func make(_ name: String, _ options: String, on server: String) async throws -> Database {
        try await blocking {
            try Shell.run([
                "psql", "--no-psqlrc", "--quiet", "--dbname", server, "--command", "CREATE DATABASE \(name) \(options)",
            ])
        }
        return Database(url: try PrivatePostgres.url(server, database: name))
    }
}

/// Runs what blocks its thread on a thread that may be blocked.
@discardableResult
func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
}
