/// Where Redis is and how to speak with it.
///
/// `redis://[user][:password]@host[:port][/database][?ca=PATH]`; with `rediss://` the connection is TLS, the certificate is
/// checked (name or IP address included) against the system's authorities, or against those in the PEM file that `ca` names.
public struct RedisConfiguration: Sendable {
    /// How a TLS server is verified.
    public struct TLS: Sendable, Hashable {
        /// A PEM file of the authorities to trust instead of the system's.
        public var certificateAuthorities: String?

        /// - Parameter certificateAuthorities: a PEM file, or nil for the system's authorities.
        public init(certificateAuthorities: String? = nil) {
            self.certificateAuthorities = certificateAuthorities
        }
    }

    /// A name or an IP address (an IPv6 one without brackets).
    public var host: String
    /// The TCP port.
    public var port: Int
    /// The ACL user, or nil for the default one.
    public var username: String?
    /// The password, or nil for none. Never printed by this module.
    public var password: String?
    /// The database number given to `SELECT`.
    public var database: Int
    /// How to verify the server, or nil for plain TCP.
    public var tls: TLS?
    /// What `CLIENT LIST` shows, or nil; no spaces.
    public var clientName: String?

    /// How long TCP, and after it TLS and the handshake (`AUTH`, `SELECT`, `PING`), may each take.
    public var connectTimeout: Duration = .seconds(2)
    /// How long a reply may take. A connection whose reply is late is closed, for the replies after it can't be told apart.
    public var commandTimeout: Duration = .seconds(2)
    /// A connection without commands sends `PING` this often, so that ``RedisClient/isConnected`` tells the truth.
    public var heartbeatInterval: Duration = .seconds(10)
    /// Reconnecting waits a random time between zero and a bound that starts here and doubles.
    public var reconnectMinimum: Duration = .milliseconds(50)
    /// The largest bound of the wait before reconnecting.
    public var reconnectMaximum: Duration = .seconds(5)
    /// What a reply may hold.
    public var limits = RESPLimits()
    /// The most bytes ``RedisClient/publish(channel:payload:)`` lets wait for the socket.
    public var publishBacklog: Int = 8 << 20

    /// Plain TCP to a host; set the other properties as needed.
    ///
    /// - Parameters:
    ///   - host: a name or an IP address.
    ///   - port: the TCP port.
    public init(host: String, port: Int = 6379) {
        self.host = host
        self.port = port
        self.database = 0
    }

    /// Reads a `redis://` or `rediss://` URL.
    ///
    /// - Parameter url: user, password and the path of `ca` may be percent-encoded.
    /// - Throws: ``RedisError`` `.invalidURL`; its message never repeats the URL.
    public init(url: String) throws(RedisError) {
        let parts = try RedisURL(url)
        self.init(host: parts.host, port: parts.port)
        self.username = parts.username
        self.password = parts.password
        self.database = parts.database
        self.tls = parts.isTLS ? TLS(certificateAuthorities: parts.certificateAuthorities) : nil
    }
}

extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL without user and password.
    public var description: String {
        let shownHost = self.host.contains(":") ? "[\(self.host)]" : self.host
        return "\(self.tls == nil ? "redis" : "rediss")://\(shownHost):\(self.port)/\(self.database)"
    }

    /// The URL without user and password.
    public var debugDescription: String { self.description }

    /// Nothing to look into, so that `dump` shows no password either.
    public var customMirror: Mirror { Mirror(self, children: ["url": self.description]) }
}
