/// A checked connection string: what libpq is given, and what must never be shown of it.
struct ConnectionString: Sendable {
    let parameters: [(key: String, value: String)]
    let redaction: Redaction

    init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        try Self.checkUserInfo(configuration.url)
        self.redaction = Redaction(secrets: try LibPQConnectionString.secrets(of: configuration.url).get())
        self.parameters = [
            // defaults: the URL may say otherwise
            ("gssencmode", "disable"),
            ("keepalives_idle", "30"),
            ("keepalives_interval", "5"),
            ("keepalives_count", "3"),
            // a peer that acknowledges nothing for so long (milliseconds) is gone
            ("tcp_user_timeout", "30000"),
            ("fallback_application_name", configuration.applicationName),
            ("dbname", configuration.url),
            // what this module relies on
            ("client_encoding", "UTF8"),
        ]
    }

    /// A bare `@` or `/` in a password makes libpq take the rest of it for a host, and quote that in its messages.
    private static func checkUserInfo(_ url: String) throws(PostgresError) {
        let bytes = Array(url.utf8)
        for scheme in ["postgresql://", "postgres://"] where bytes.starts(with: scheme.utf8) {
            let authority = bytes.dropFirst(scheme.utf8.count).prefix { $0 != UInt8(ascii: "?") }
            guard let last = authority.lastIndex(of: UInt8(ascii: "@")) else { return }
            let userInfo = authority[..<last]
            guard !userInfo.contains(UInt8(ascii: "@")), !userInfo.contains(UInt8(ascii: "/")) else {
                throw PostgresError(
                    .connectionFailed,
                    "the connection URL's user or password has a character that must be percent-encoded (@ is %40, / is %2F)"
                )
            }
        }
    }
}
