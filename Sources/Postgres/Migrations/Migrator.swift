public import Logging

/// Brings a schema up to date.
///
/// Each migration is applied in a transaction of its own, together with its row in `schema_migrations(number, name, checksum,
/// applied_at)`, where the checksum is the SHA-256 of its text in UTF-8. An advisory lock keeps other nodes waiting meanwhile; they
/// then find nothing to do. It uses a connection of its own, which must not go through a transaction-mode pooler.
public struct Migrator: Sendable {
    private let configuration: PostgresConfiguration
    private let logger: Logger

    /// A migrator for the database of this configuration. Migrations know no statement timeout; waiting for the lock doesn't either.
    public init(configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    /// Applies what has not been applied yet, in the order of the numbers.
    ///
    /// - Returns: what was applied just now, as `number name`
    /// - Throws: ``PostgresError``: `.migration` when an applied one was changed, has vanished from the list, or one is new among those
    ///   applied; otherwise whatever the server says to the script, and then nothing of that script is applied.
    @discardableResult
    public func migrate(_ migrations: [Migration]) async throws(PostgresError) -> [String] {
        let ordered = migrations.sorted { $0.number < $1.number }
        for (earlier, later) in zip(ordered, ordered.dropFirst()) where earlier.number == later.number {
            throw PostgresError(.migration, "two migrations have the number \(earlier.number): \(earlier.name), \(later.name)")
        }
        let connection = try await PostgresConnection.open(self.configuration)
        do {
            let applied = try await self.migrate(ordered, on: connection)
            await connection.close()
            return applied
        } catch {
            // ends the lock with the session
            await connection.close()
            throw error
        }
    }

    /// "adelante" in ASCII. An advisory lock belongs to its database, so one number will do.
    private static let lock: Int64 = 0x6164_656C_616E_7465

    private func migrate(_ migrations: [Migration], on connection: PostgresConnection) async throws(PostgresError) -> [String] {
        try await connection.migrationScript("SELECT pg_advisory_lock(\(Self.lock))")
        try await connection.migrationScript(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                number bigint PRIMARY KEY,
                name text NOT NULL,
                checksum text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            )
            """
        )
        let checksums = try await self.checksums(of: migrations, on: connection)
        let pending = try await self.pending(migrations, checksums, on: connection)
        var applied: [String] = []
        for migration in pending {
            do {
                try await connection.apply(migration, checksum: checksums[migration.number] ?? "")
            } catch {
                var error = error
                error.message = "migration \(migration): \(error.message)"
                throw error
            }
            self.logger.info("migration applied", metadata: ["migration": "\(migration)"])
            applied.append(migration.description)
        }
        return applied
    }

    /// The SHA-256 of each migration, in the server's computing.
    private func checksums(
        of migrations: [Migration],
        on connection: PostgresConnection
    ) async throws(PostgresError) -> [Int: String] {
        let rows = try await connection.query(
            """
            SELECT number, encode(sha256(convert_to(sql, 'UTF8')), 'hex') AS checksum
            FROM unnest(\(migrations.map(\.number)), \(migrations.map(\.sql))::text[]) AS given(number, sql)
            """
        )
        var checksums: [Int: String] = [:]
        for row in rows {
            checksums[try row.get("number")] = try row.get("checksum", as: String.self)
        }
        return checksums
    }

    /// What is left to do, if what was done fits.
    private func pending(
        _ migrations: [Migration],
        _ checksums: [Int: String],
        on connection: PostgresConnection
    ) async throws(PostgresError) -> [Migration] {
        var applied: [Int: (name: String, checksum: String)] = [:]
        for row in try await connection.query("SELECT number, name, checksum FROM schema_migrations") {
            applied[try row.get("number")] = (try row.get("name"), try row.get("checksum"))
        }
        let known = Set(migrations.map(\.number))
        let lastKnown = known.max() ?? 0
        let lastApplied = applied.keys.max() ?? 0
        for (number, record) in applied.sorted(by: { $0.key < $1.key }) where !known.contains(number) {
            guard number > lastKnown else {
                throw PostgresError(.migration, "migration \(number) \(record.name) is applied to the database but missing here")
            }
            // a newer node has been here
            self.logger.warning("the database has a newer migration", metadata: ["migration": "\(number) \(record.name)"])
        }
        var pending: [Migration] = []
        for migration in migrations {
            guard let record = applied[migration.number] else {
                guard migration.number > lastApplied else {
                    throw PostgresError(.migration, "migration \(migration) was never applied, but the later \(lastApplied) is")
                }
                pending.append(migration)
                continue
            }
            guard record.checksum == checksums[migration.number] else {
                throw PostgresError(.migration, "migration \(migration) was changed after it was applied to the database")
            }
        }
        return pending
    }
}

extension PostgresConnection {
    /// Runs a script for as long as it takes, or until the task is cancelled.
    func migrationScript(_ text: String) async throws(PostgresError) {
        try await self.cancellable { () throws(PostgresError) in try self.script(text, timeout: nil) }
    }

    /// Applies one migration and records it, or neither.
    func apply(_ migration: Migration, checksum: String) async throws(PostgresError) {
        do throws(PostgresError) {
            try self.script("BEGIN", timeout: nil)
            try await self.migrationScript(migration.sql)
            guard let link = self.link, link.isInTransaction else {
                throw PostgresError(.migration, "it ends the transaction that it runs in")
            }
            let record: SQL = """
                INSERT INTO schema_migrations (number, name, checksum) VALUES (\(migration.number), \(migration.name), \(checksum))
                """
            _ = try self.exchange([Statement(record)], timeout: nil)
            try self.script("COMMIT", timeout: nil)
        } catch {
            self.rollBack()
            throw error
        }
    }
}
