import Foundation
import JSON
import Postgres
import Support

/// A server on which every plan that a node's statements get is written down (auto_explain), with a demo year in it and, so that
/// a scan of a whole table reads what is not the salon's, other salons as large.
struct ExplainedServer: Sendable {
    /// How many salons there are beside the demo's, each with all that the first one has.
    static let otherSalons = 5

    let postgres: PrivatePostgres
    let database: Database
    let node: Node
    /// The database, for sessions whose plans are written down.
    let url: String
    /// Tables with more than a thousand rows.
    let largeTables: Set<String>
    private let log: String

    static func start() async throws -> ExplainedServer {
        let postgres = try await blocking { try PrivatePostgres() }
        let database = try await Database.migrated(postgres.url)
        let settings = Deployment.settings(database: postgres.url, redis: "redis://127.0.0.1:1/0")
        let made = try await Node.run(["demo"], settings)
        guard made.exit == .status(0) else { throw Unexpected(made.output) }
        try await database.client.withConnection { connection in
            for salon in 1...Self.otherSalons { try await Self.copySalon(Int64(salon), connection) }
        }
        try await blocking {
            try Shell.run(["psql", "--no-psqlrc", "--quiet", "--dbname", postgres.url, "--command", "VACUUM ANALYZE"])
        }
        for statement: SQL in [
            "CREATE ROLE explained SUPERUSER LOGIN",
            "ALTER ROLE explained SET session_preload_libraries = 'auto_explain'",
            "ALTER ROLE explained SET auto_explain.log_min_duration = 0",
            "ALTER ROLE explained SET auto_explain.log_format = 'json'",
        ] {
            try await database.client.query(statement)
        }
        var large: Set<String> = []
        for row in try await database.client.query(
            "SELECT relname::text AS name FROM pg_class WHERE relkind = 'r' AND reltuples > 1000 AND relnamespace = 'public'::regnamespace"
        ) {
            large.insert(try row.get("name"))
        }
        let url = postgres.url.replacing("//adelante@", with: "//explained@")
        let redis = try await blocking { try PrivateRedis.sharedURL() }
        // Few connections, so that its statements are planned for good (from the sixth run on) within a few requests.
        let node = try await Node.start(
            Deployment.settings(database: url, redis: redis).merging(["RATE_LIMITS": "off", "DB_POOL_SIZE": "2"]) { $1 }
        )
        let folder: String = try await database.value("SELECT current_setting('data_directory')")
        return ExplainedServer(
            postgres: postgres,
            database: database,
            node: node,
            url: url,
            largeTables: large,
            log: URL(fileURLWithPath: folder).deletingLastPathComponent().appendingPathComponent("log").path
        )
    }

    /// The plans of what the node sends while `body` runs.
    func plans(during body: () async throws -> Void) async throws -> [QueryPlan] {
        let start: Int64 = try await self.database.value("SELECT (pg_stat_file(\(self.log))).size")
        try await body()
        let text: String = try await self.database.value("SELECT pg_read_file(\(self.log), \(start), 100000000)")
        return try QueryPlan.all(inLog: text)
    }

    /// Another salon with all that the demo's has, its rows between the others'.
    private static func copySalon(_ number: Int64, _ connection: PostgresConnection) async throws {
        _ = try await connection.query("SET session_replication_role = replica")
        _ = try await connection.query(
            """
            INSERT INTO salons (id, name, demo) VALUES (\(number * 1_000_000 + 1), 'Інший салон ' || \(number), true)
            """
        )
        let tables = try await connection.query(
            """
            SELECT t.table_name::text AS name, string_agg(quote_ident(c.column_name::text), ', ' ORDER BY c.ordinal_position) AS columns,
                   string_agg(CASE WHEN c.column_name = 'email' AND t.table_name = 'users'
                                       THEN quote_literal('x' || \(String(number))::text) || ' || email'
                                   WHEN c.column_name = 'telegram_id' THEN 'NULL'
                                   WHEN c.data_type = 'bigint' AND (c.column_name ~ '(^|_)id$' OR c.column_name ~ '_by$')
                                       THEN quote_ident(c.column_name::text) || ' + ' || \(String(number * 1_000_000))::text
                                   ELSE quote_ident(c.column_name::text) END, ', ' ORDER BY c.ordinal_position) AS expressions
            FROM information_schema.tables t JOIN information_schema.columns c USING (table_schema, table_name)
            WHERE t.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.is_generated = 'NEVER'
              AND t.table_name NOT IN ('sessions', 'role_permissions')
              AND EXISTS (SELECT 1 FROM information_schema.columns s
                          WHERE s.table_schema = 'public' AND s.table_name = t.table_name AND s.column_name = 'salon_id')
            GROUP BY t.table_name ORDER BY t.table_name
            """
        )
        for table in tables {
            let (name, columns, expressions): (String, String, String) = (
                try table.get("name"), try table.get("columns"), try table.get("expressions")
            )
            _ = try await connection.query(
                SQL(unescaped: "INSERT INTO \(name) (\(columns)) SELECT \(expressions) FROM \(name) WHERE salon_id = 1")
            )
        }
        _ = try await connection.query("RESET session_replication_role")
    }
}

/// One plan as auto_explain has written it.
struct QueryPlan: Sendable {
    let statement: String
    private let root: JSONValue

    /// All plans of a stretch of a server's log.
    static func all(inLog text: String) throws -> [QueryPlan] {
        var plans: [QueryPlan] = []
        var json: [Substring]?
        func finish() throws {
            guard let lines = json else { return }
            json = nil
            let value = try JSONValue(parsing: Array(lines.joined(separator: "\n").utf8))
            guard let statement = value["Query Text"]?.string, let root = value["Plan"] else { return }
            plans.append(QueryPlan(statement: statement, root: root))
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("\t") {
                json?.append(line.dropFirst())
                continue
            }
            try finish()
            if line.contains("LOG:  duration:"), line.hasSuffix("plan:") { json = [] }
        }
        try finish()
        return plans
    }

    /// The tables that are read from end to end, in this part of the plan and below.
    var scannedTables: Set<String> { Self.scannedTables(self.root) }

    private static func scannedTables(_ node: JSONValue) -> Set<String> {
        var tables: Set<String> = []
        if node["Node Type"]?.string == "Seq Scan", let name = node["Relation Name"]?.string { tables.insert(name) }
        for child in node["Plans"]?.array ?? [] { tables.formUnion(self.scannedTables(child)) }
        return tables
    }

    /// How each table is read: one line a node that reads one, the deeper the further in.
    var summary: [String] { Self.summary(self.root, depth: 0) }

    private static func summary(_ node: JSONValue, depth: Int) -> [String] {
        var lines: [String] = []
        var depth = depth
        let kind = node["Node Type"]?.string ?? ""
        if let table = node["Relation Name"]?.string {
            let index = node["Index Name"]?.string ?? self.bitmapIndexes(node).joined(separator: " + ")
            let alias = node["Alias"]?.string.map { $0 == table ? "" : " \($0)" } ?? ""
            lines.append(
                String(repeating: "  ", count: depth)
                    + "\(table)\(alias): \(kind.lowercased())\(index.isEmpty ? "" : " by \(index)")"
            )
            depth += 1
        } else if let name = node["Subplan Name"]?.string {
            lines.append(String(repeating: "  ", count: depth) + name)
            depth += 1
        }
        for child in node["Plans"]?.array ?? [] { lines += self.summary(child, depth: depth) }
        return lines
    }

    private static func bitmapIndexes(_ node: JSONValue) -> [String] {
        (node["Plans"]?.array ?? []).flatMap { child in
            (child["Node Type"]?.string?.hasPrefix("Bitmap") == true ? child["Index Name"]?.string.map { [$0] } ?? [] : [])
                + self.bitmapIndexes(child)
        }
    }
}
