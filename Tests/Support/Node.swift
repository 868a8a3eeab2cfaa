import Foundation
import JSON
import Synchronization

/// The built `adelante` as a process of its own.
public final class Node: Sendable {
    /// How a process ended.
    public enum Exit: Sendable, Equatable {
        /// By itself, with this status.
        case status(Int32)
        /// By this signal.
        case signal(Int32)
    }

    /// The port that it listens on.
    public let port: Int
    /// Asks this node.
    public let http: HTTPClient
    private let process: ChildProcess

    private init(port: Int, process: ChildProcess) {
        self.port = port
        self.http = HTTPClient(port: port) { process.log }
        self.process = process
    }

    deinit {
        self.process.signal(SIGKILL)
    }

    /// The program that the build has put beside the tests, or what `ADELANTE` names: a release build, say.
    public static let binary =
        ProcessInfo.processInfo.environment["ADELANTE"]
        ?? URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent().appendingPathComponent("adelante").path

    /// Starts a node and waits until `/ready` says 200.
    ///
    /// - Parameters:
    ///   - environment: its settings; it sees nothing of the tests' own environment
    ///   - port: where to listen; a free port if 0
    ///   - folder: where it runs; an empty one if nil
    public static func start(
        _ environment: [String: String],
        port: Int = 0,
        in folder: String? = nil
    ) async throws -> Node {
        var environment = environment
        environment["PORT"] = String(port)
        let process = try ChildProcess(Self.binary, ["serve"], environment: environment, folder: folder)
        do {
            let node = Node(port: try await Self.listeningPort(of: process), process: process)
            try await node.waitUntilReady()
            return node
        } catch {
            process.signal(SIGKILL)
            throw error
        }
    }

    private static func listeningPort(of process: ChildProcess) async throws -> Int {
        try await poll(for: .seconds(60), "the node listens", log: { process.log }) {
            if let exit = process.exit { throw Unexpected("the node ended with \(exit): \(process.log)") }
            // `listening host=… port=8000`, or the same as JSON.
            guard let line = process.log.split(separator: "\n").first(where: { $0.contains("listening") }) else { return nil }
            guard let name = line.range(of: "port") else { return nil }
            return Int(line[name.upperBound...].drop { !$0.isNumber }.prefix { $0.isNumber })
        }
    }

    private func waitUntilReady() async throws {
        try await poll(for: .seconds(30), "the node is ready", log: { self.log }) {
            try? await self.http.request("GET", "/ready").status == 200 ? () : nil
        }
    }

    /// What `/ready` says: the status and the word.
    public func readiness() async throws -> (status: Int, word: String) {
        let answer = try await self.http.request("GET", "/ready")
        return (answer.status, answer["status"].string ?? answer.text)
    }

    /// All that it has logged so far.
    public var log: String { self.process.log }

    /// Asks it to stop.
    public func terminate() {
        self.process.signal(SIGTERM)
    }

    /// Waits until the process has ended.
    public func exit(within limit: Duration) async throws -> Exit {
        try await self.process.exit(within: limit)
    }

    /// Ends it at once.
    public func kill() async throws {
        self.process.signal(SIGKILL)
        _ = try await self.process.exit(within: .seconds(20))
    }

    /// Runs the program with some command to its end.
    ///
    /// - Parameters:
    ///   - arguments: for example `migrate`
    ///   - environment: its settings; it sees nothing of the tests' own environment
    ///   - folder: where it runs, and looks for `.env`; a folder without one if nil
    /// - Returns: how it ended, and what it printed
    public static func run(
        _ arguments: [String],
        _ environment: [String: String],
        in folder: String? = nil
    ) async throws -> (exit: Exit, output: String) {
        let process = try ChildProcess(self.binary, arguments, environment: environment, folder: folder)
        let exit = try await process.exit(within: .seconds(60))
        return (exit, process.log)
    }
}

/// Asks again and again, where nobody reports the moment.
///
/// - Parameters:
///   - limit: for how long
///   - what: is waited for
///   - log: what the failure should show beside
///   - question: nil as long as it has not come about
/// - Returns: the first answer
public func poll<Value: Sendable>(
    for limit: Duration = .seconds(20),
    _ what: String,
    log: () -> String = { "" },
    file: String = #fileID,
    line: Int = #line,
    _ question: () async throws -> Value?
) async throws -> Value {
    let deadline = ContinuousClock.now + limit
    while true {
        if let value = try await question() { return value }
        guard ContinuousClock.now < deadline else {
            throw Unexpected("it never came about within \(limit): \(what)\n\(log())", file: file, line: line)
        }
        try await Task.sleep(for: .milliseconds(10))
    }
}
