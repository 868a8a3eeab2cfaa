import Foundation

/// A throw-away Redis server of the tests' own, gone with the process that runs them.
public final class PrivateRedis: Sendable {
    /// How a server is stopped.
    public enum Signal: String, Sendable {
        /// In order.
        case term = "TERM"
        /// As in a crash.
        case kill = "KILL"
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

    /// `redis://` or `rediss://`, with the password if there is one.
    public let url: String
    private let folder: String
    private let startArguments: [String]

    /// Starts a server in a new folder, on a free port, and waits until it answers.
    public init(password: String? = nil, tls: TLS? = nil) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("redis-\(UUID().uuidString)").path
        var arguments = ["scripts/services", "redis", "start", folder, "--owner", String(getpid())]
        if let password {
            arguments += ["--password", password]
        }
        if let tls {
            arguments += ["--tls", tls.certificate, tls.key, tls.authority]
        }
        self.url = Shell.lastLine(of: try Shell.run(arguments))
        self.folder = folder
        self.startArguments = arguments
    }

    /// Stops the server; it keeps nothing.
    public func stop(_ signal: Signal = .term) throws {
        try Shell.run(["scripts/services", "redis", "stop", self.folder, "--signal", signal.rawValue])
    }

    /// Starts the server again on the same port, empty.
    public func start() throws {
        try Shell.run(self.startArguments)
    }

    /// Stops it in its tracks (SIGSTOP): the kernel still accepts connections and bytes for it, nobody answers.
    public func pause() throws {
        kill(try self.pid(), SIGSTOP)
    }

    /// Lets it go on after ``pause()``.
    public func resume() throws {
        kill(try self.pid(), SIGCONT)
    }

    /// Stops the server and removes its folder.
    public func remove() throws {
        try self.stop(.kill)
        try? FileManager.default.removeItem(atPath: self.folder)
    }

    private func pid() throws -> pid_t {
        let text = try String(contentsOfFile: "\(self.folder)/pid", encoding: .utf8)
        guard let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), pid > 1 else {
            throw CocoaError(.fileReadCorruptFile)
        }
        return pid
    }

    // MARK: one server for all suites that don't disturb it

    /// The URL of the server for tests: TEST_REDIS_URL, or a server started for this process.
    public static func sharedURL() throws -> String {
        try self.shared.get()
    }

    private static let shared = Result {
        try ProcessInfo.processInfo.environment["TEST_REDIS_URL"] ?? PrivateRedis().url
    }
}
