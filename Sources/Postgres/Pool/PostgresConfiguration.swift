/// How to reach a database, and how long to wait for what.
public struct PostgresConfiguration: Sendable {
    /// A libpq connection URL, `postgresql://user:password@host:port/database?sslmode=verify-full`, or a keyword/value string. All that
    /// libpq understands holds: several hosts, `sslmode`, `sslrootcert`, the `PG…` environment variables, a password file.
    public var url: String
    /// How many connections at most.
    public var poolSize: Int
    /// How long a request waits for a connection before it fails with `.poolTimeout`.
    public var acquireTimeout: Duration
    /// How long a connection may take to be made, TLS and authentication included. Looking up the host's name is not counted.
    public var connectTimeout: Duration
    /// How long a statement may take before it is cancelled.
    public var statementTimeout: Duration
    /// What `pg_stat_activity` shows, unless the URL says otherwise.
    public var applicationName: String
    /// Whether statements are prepared once per connection. Turn it off behind a transaction-mode pooler that doesn't follow prepared
    /// statements (PgBouncer before 1.21): each statement is then parsed anew, in the same round trip.
    public var preparesStatements: Bool

    /// A configuration; everything but the URL has a default.
    public init(
        url: String,
        poolSize: Int = 8,
        acquireTimeout: Duration = .seconds(5),
        connectTimeout: Duration = .seconds(5),
        statementTimeout: Duration = .seconds(15),
        applicationName: String = "adelante",
        preparesStatements: Bool = true
    ) {
        precondition(poolSize > 0, "A pool has at least one connection")
        self.url = url
        self.poolSize = poolSize
        self.acquireTimeout = acquireTimeout
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.applicationName = applicationName
        self.preparesStatements = preparesStatements
    }
}

extension PostgresConfiguration {
    /// Checks what can be checked without a server: whether libpq understands the URL.
    ///
    /// - Throws: what is wrong with it, without quoting it
    public func check() throws(PostgresError) { _ = try ConnectionString(self) }
}

extension PostgresConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Everything but the URL, which may hold a password.
    public var description: String {
        "PostgresConfiguration(url: …, poolSize: \(self.poolSize), acquireTimeout: \(self.acquireTimeout), "
            + "connectTimeout: \(self.connectTimeout), statementTimeout: \(self.statementTimeout))"
    }

    /// The same as ``description``.
    public var debugDescription: String { self.description }

    /// Shows no URL either.
    public var customMirror: Mirror { Mirror(self, children: ["poolSize": self.poolSize]) }
}
