import Foundation

/// Runs the project's scripts and other programs.
public enum Shell {
    /// A program that ended with something else than 0.
    public struct Failure: Error, CustomStringConvertible {
        /// What was run.
        public let arguments: [String]
        /// How it ended: its exit status, or the number of the signal that ended it, negative.
        public let status: Int32
        /// What it printed to stdout and stderr.
        public let output: String

        /// All of that.
        public var description: String {
            "\(self.arguments.joined(separator: " ")) ended with \(self.status):\n\(self.output)"
        }
    }

    /// The folder that holds Package.swift.
    public static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Runs a program in the repository's folder and waits for it.
    ///
    /// - Parameter arguments: the program and its arguments; a program with a slash is a path from the repository's folder
    /// - Returns: what it printed to stdout
    /// - Throws: ``Failure`` when it doesn't end with 0
    @discardableResult
    public static func run(_ arguments: [String]) throws -> String {
        // files and not pipes: a service that outlives its script may hold them open. For the same reason not Foundation's Process,
        // which takes a descriptor that such a service inherits for the script itself, and waits for it
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("shell-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["stdout", "stderr"].map(folder.appendingPathComponent)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, files[0].path, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, files[1].path, O_WRONLY | O_CREAT, 0o600)
        var words = (["/usr/bin/env", "-C", self.repository.path] + arguments).map { strdup($0) }
        defer { words.forEach { free($0) } }
        words.append(nil)
        var child: pid_t = 0
        let code = posix_spawn(&child, "/usr/bin/env", &actions, nil, words, environ)
        guard code == 0 else {
            throw Failure(arguments: arguments, status: code, output: String(cString: strerror(code)))
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { throw Failure(arguments: arguments, status: errno, output: "it can't be waited for") }
        }
        let texts = files.map { String(decoding: (try? Data(contentsOf: $0)) ?? Data(), as: UTF8.self) }
        guard status == 0 else {
            // the high byte is what it ended with, the low one the signal that ended it
            throw Failure(
                arguments: arguments,
                status: status & 0x7F == 0 ? status >> 8 : -(status & 0x7F),
                output: texts.joined()
            )
        }
        return texts[0]
    }

    /// The last line that is not empty.
    static func lastLine(of output: String) -> String {
        output.split(separator: "\n").last.map(String.init) ?? ""
    }
}
