import Support
import Testing

@testable import Postgres

@Suite struct MigratorTests {
    private let people = Migration(
        number: 1,
        name: "people",
        sql: "CREATE TABLE people (id int8);\nINSERT INTO people VALUES (1);"
    )
    private let visits = Migration(number: 2, name: "visits", sql: "CREATE TABLE visits (id int8);")
    private let prices = Migration(number: 10, name: "prices", sql: "ALTER TABLE visits ADD price numeric; -- ціна")

    private func configuration() throws -> PostgresConfiguration {
        PostgresConfiguration(url: try PrivatePostgres.freshDatabase())
    }

    private func migrator(_ configuration: PostgresConfiguration) -> Migrator {
        Migrator(configuration: configuration, logger: testLogger)
    }

    @Test func theyAreAppliedInOrderAndOnce() async throws {
        let configuration = try self.configuration()
        let migrator = self.migrator(configuration)
        #expect(try await migrator.migrate([self.visits, self.people]) == ["1 people", "2 visits"])
        #expect(try await migrator.migrate([self.people, self.visits, self.prices]) == ["10 prices"])
        #expect(try await migrator.migrate([self.people, self.visits, self.prices]) == [])
        try await withClient(configuration) { client in
            let rows = try await client.query("SELECT *, length(checksum) AS length FROM schema_migrations ORDER BY number")
            #expect(try rows.map { try $0.get("number", as: Int.self) } == [1, 2, 10])
            #expect(try rows.map { try $0.get("name", as: String.self) } == ["people", "visits", "prices"])
            #expect(try rows.allSatisfy { try $0.get("length", as: Int.self) == 64 })
            // sha256sum of the file says the same
            let checksum = try rows[1].get("checksum", as: String.self)
            #expect(
                checksum
                    == "\(try Shell.run(["sh", "-c", "printf '%s' 'CREATE TABLE visits (id int8);' | sha256sum"]).prefix(64))"
            )
            #expect(try await client.query("SELECT * FROM people").count == 1)
        }
    }

    @Test func anAppliedOneThatWasChangedIsRefused() async throws {
        let migrator = self.migrator(try self.configuration())
        try await migrator.migrate([self.people])
        let changed = Migration(number: 1, name: "people", sql: self.people.sql + " ")
        let error = await #expect(throws: PostgresError.self) { try await migrator.migrate([changed, self.visits]) }
        #expect(error?.code == .migration)
        #expect(error?.message == "migration 1 people was changed after it was applied to the database")
        #expect(try await migrator.migrate([self.people, self.visits]) == ["2 visits"], "nothing was done the time before")
    }

    @Test func gapsAreRefused() async throws {
        let migrator = self.migrator(try self.configuration())
        try await migrator.migrate([self.people, self.prices.numbered(3, self.visits.sql)])
        let late = await #expect(throws: PostgresError.self) {
            try await migrator.migrate([self.people, self.visits, self.prices.numbered(3, self.visits.sql)])
        }
        #expect(late?.message == "migration 2 visits was never applied, but the later 3 is")
        let vanished = await #expect(throws: PostgresError.self) {
            try await migrator.migrate([self.prices.numbered(3, self.visits.sql)])
        }
        #expect(vanished?.message == "migration 1 people is applied to the database but missing here")
        let twice = await #expect(throws: PostgresError.self) {
            try await migrator.migrate([self.people, self.visits.numbered(1, "SELECT 1")])
        }
        #expect(twice?.message == "two migrations have the number 1: people, visits")
        #expect(try await migrator.migrate([self.people]) == [], "an older program on a newer database starts")
    }

    @Test func oneThatFailsLeavesNothingBehind() async throws {
        let configuration = try self.configuration()
        let migrator = self.migrator(configuration)
        let broken = self.visits.numbered(2, "CREATE TABLE half (a int);\n\nCREATE TABLE half (a int);\nSELECT nope;")
        let error = await #expect(throws: PostgresError.self) { try await migrator.migrate([self.people, broken]) }
        #expect(error?.sqlState == .duplicateTable)
        #expect(error?.message == #"migration 2 visits: relation "half" already exists"#)
        let misspelt = self.visits.numbered(2, "SELECT 1;\n\nSELECT nope;")
        let unknown = await #expect(throws: PostgresError.self) { try await migrator.migrate([self.people, misspelt]) }
        #expect(unknown?.message == #"migration 2 visits: column "nope" does not exist (line 3)"#)
        let ending = self.visits.numbered(2, "COMMIT;")
        let ended = await #expect(throws: PostgresError.self) { try await migrator.migrate([self.people, ending]) }
        #expect(ended?.message == "migration 2 visits: it ends the transaction that it runs in")
        #expect(try await migrator.migrate([self.people, self.visits]) == ["2 visits"])
        try await withClient(configuration) { client in
            let row = try await client.query("SELECT to_regclass('half') IS NULL AS gone").only()
            #expect(try row.get("gone", as: Bool.self))
        }
    }

    @Test func manyNodesAtOnceApplyEachOnce() async throws {
        let configuration = try self.configuration()
        let slow = self.visits.numbered(2, "SELECT pg_sleep(0.2); CREATE TABLE visits (id int8);")
        let applied = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<6 {
                group.addTask { try await self.migrator(configuration).migrate([self.people, slow]) }
            }
            return try await group.reduce(into: [[String]]()) { $0.append($1) }
        }
        #expect(applied.filter { !$0.isEmpty } == [["1 people", "2 visits"]])
    }

    @Test func waitingForAnotherNodeCanBeCancelled() async throws {
        let configuration = try self.configuration()
        try await withClient(configuration) { client in
            let slow = self.people.numbered(1, "SELECT pg_sleep(60)")
            let first = Task { try await self.migrator(configuration).migrate([slow]) }
            try await until(client, "SELECT count(*) = 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'")
            let second = Task { try await self.migrator(configuration).migrate([slow]) }
            try await until(client, "SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            second.cancel()
            let waiting = await #expect(throws: PostgresError.self) { try await second.value }
            #expect(waiting?.code == .cancelled)
            first.cancel()
            let running = await #expect(throws: PostgresError.self) { try await first.value }
            #expect(running?.code == .cancelled)
            #expect(try await client.query("SELECT * FROM schema_migrations").isEmpty)
        }
    }

    @Test(arguments: [("0001_people.sql", 1, "people"), ("12-late events.sql", 12, "late events"), ("7.sql", 7, "")])
    func filesAreNamedByTheirNumber(_ file: String, _ number: Int, _ name: String) throws {
        let migration = try #require(Migration(fileName: file, sql: "SELECT 1"))
        #expect(migration.number == number && migration.name == name)
        #expect(Migration(fileName: "people.sql", sql: "") == nil)
    }
}

extension Migration {
    fileprivate func numbered(_ number: Int, _ sql: String) -> Migration {
        Migration(number: number, name: self.name, sql: sql)
    }
}
