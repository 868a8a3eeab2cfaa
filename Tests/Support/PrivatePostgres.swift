import Foundation
import Synchronization

/// A throw-away PostgreSQL server of the tests' own, gone with the process that runs them.
public final class PrivatePostgres: Sendable {
    /// How a server is stopped.
    public enum StopMode: String, Sendable {
        /// Sessions are ended and told so.
        case fast
        /// As in a crash.
        case immediate
    }

    /// The certificate files of a server that speaks TLS.
    public struct TLS: Sendable {
        let certificate: String
        let key: String
        let authority: String

        /// Paths of PEM files.
        public init(certificate: String, key: String, authority: String) {
            self.certificate = certificate
            self.key = key
            self.authority = authority
        }
    }

    /// The superuser's URL of the database `adelante`.
    public let url: String
    private let folder: String

    /// Starts a server in a new folder, on a free port, and waits until it answers.
    public init(tls: TLS? = nil) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("postgres-\(UUID().uuidString)").path
        var arguments = ["scripts/services", "postgres", "start", folder, "--throwaway", "--owner", String(getpid())]
        if let tls {
            arguments += ["--tls", tls.certificate, tls.key, tls.authority]
        }
        self.url = Shell.lastLine(of: try Shell.run(arguments))
        self.folder = folder
    }

    /// Stops the server and starts it again on the same port.
    public func restart(_ mode: StopMode = .fast) throws {
        try Shell.run(["scripts/services", "postgres", "restart", self.folder, "--mode", mode.rawValue])
    }

    /// Stops the server.
    public func stop(_ mode: StopMode = .fast) throws {
        try Shell.run(["scripts/services", "postgres", "stop", self.folder, "--mode", mode.rawValue])
    }

    /// Starts the server again on the same port.
    public func start() throws {
        try Shell.run(
            ["scripts/services", "postgres", "start", self.folder, "--throwaway", "--owner", String(getpid())]
        )
    }

    /// Stops the server and removes its folder.
    public func remove() throws {
        try self.stop(.immediate)
        try? FileManager.default.removeItem(atPath: self.folder)
    }

    // MARK: one server for all suites that don't stop it

    /// The superuser's URL of the server for tests: TEST_DATABASE_URL, or a server started for this process.
    public static func sharedURL() throws -> String {
        try self.shared.get()
    }

    private static let shared = Result {
        try ProcessInfo.processInfo.environment["TEST_DATABASE_URL"] ?? PrivatePostgres().url
    }

    private static let created = Mutex(0)

    /// Makes an empty database on the shared server.
    /// - Returns: its URL
    public static func freshDatabase() throws -> String {
        let server = try self.sharedURL()
        let number = self.created.withLock { count in
            count += 1
            return count
        }
        let name = "test_\(getpid())_\(number)"
        try Shell.run(["psql", "--no-psqlrc", "--quiet", "--dbname", server, "--command", "CREATE DATABASE \(name)"])
        return try self.url(server, database: name)
    }

    /// The URL of another database of the same server.
    public static func url(_ url: String, database: String) throws -> String {
        guard var parts = URLComponents(string: url) else { throw CocoaError(.formatting) }
        parts.path = "/\(database)"
        return parts.string ?? url
    }
}
