import Foundation
import Synchronization

/// A program that runs beside the tests: output into a file, its end reported, and gone with the tests however they end.
final class ChildProcess: Sendable {
    /// How it ended, and who waits for that.
    private final class Ending: Sendable {
        private let pid: pid_t
        private let state = Mutex<(exit: Node.Exit?, waiters: [CheckedContinuation<Void, Never>])>((nil, []))

        init(pid: pid_t) {
            self.pid = pid
        }

        var exit: Node.Exit? { self.state.withLock { $0.exit } }

        /// Blocks until the process has ended.
        func await() {
            var info = siginfo_t()
            while waitid(P_PID, id_t(self.pid), &info, WEXITED | WNOWAIT) < 0, errno == EINTR {}
            self.state.withLock { state in
                // Until here the number was the process's own.
                var status: Int32 = 0
                waitpid(self.pid, &status, 0)
                let signal = status & 0x7F
                state.exit = signal == 0 ? .status(status >> 8 & 0xFF) : .signal(signal)
            }
            self.release()
        }

        func release() {
            let waiters = self.state.withLock { state in
                defer { state.waiters = [] }
                return state.waiters
            }
            for waiter in waiters { waiter.resume() }
        }

        /// Nothing happens once it has ended: the number may be another's by then.
        func signal(_ number: Int32) {
            self.state.withLock { state in
                if state.exit == nil { _ = kill(self.pid, number) }
            }
        }

        func wait() async {
            await withCheckedContinuation { continuation in
                let hasEnded = self.state.withLock { state in
                    if state.exit == nil { state.waiters.append(continuation) }
                    return state.exit != nil
                }
                if hasEnded { continuation.resume() }
            }
        }
    }

    private let folder: URL
    private let output: URL
    private let ending: Ending

    /// - Parameters:
    ///   - program: its path
    ///   - arguments: behind the program's name
    ///   - environment: all of it but PATH and HOME
    ///   - workingFolder: an empty one if nil
    init(_ program: String, _ arguments: [String], environment: [String: String], folder workingFolder: String? = nil) throws {
        self.folder = FileManager.default.temporaryDirectory.appendingPathComponent("node-\(UUID().uuidString)")
        self.output = self.folder.appendingPathComponent("output")
        let working = self.folder.appendingPathComponent("working")
        try FileManager.default.createDirectory(at: working, withIntermediateDirectories: true)
        var environment = environment
        for name in ["PATH", "HOME", "LD_LIBRARY_PATH"] { environment[name] = ProcessInfo.processInfo.environment[name] }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, self.output.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)
        // env becomes the program: the process number stays.
        let command = ["env", "-C", workingFolder ?? working.path, program] + arguments
        var words = command.map { strdup($0) } + [nil]
        var settings = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (words + settings).forEach { free($0) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, "/usr/bin/env", &actions, nil, &words, &settings)
        guard code == 0 else { throw Unexpected("\(program): \(String(cString: strerror(code)))") }
        let pid = child
        Janitor.watch(pid)
        let ending = Ending(pid: pid)
        self.ending = ending
        // Waiting blocks, so it has a thread of its own.
        Thread.detachNewThread {
            ending.await()
            Janitor.forget(pid)
        }
    }

    deinit {
        self.signal(SIGKILL)
        try? FileManager.default.removeItem(at: self.folder)
    }

    var exit: Node.Exit? { self.ending.exit }

    var log: String { String(decoding: (try? Data(contentsOf: self.output)) ?? Data(), as: UTF8.self) }

    func signal(_ number: Int32) {
        self.ending.signal(number)
    }

    func exit(within limit: Duration) async throws -> Node.Exit {
        let alarm = Task { [ending] in
            try await Task.sleep(for: limit)
            ending.release()
        }
        defer { alarm.cancel() }
        await self.ending.wait()
        guard let exit else { throw Unexpected("the process did not end within \(limit): \(self.log)") }
        return exit
    }
}

/// Ends what is still running when the tests' process is gone, even after a crash or a SIGKILL: a shell that reads process
/// numbers from a pipe, whose other end is closed by the kernel.
private enum Janitor {
    private static let script = """
        running=' '
        while read -r word pid; do
            case $word in
            watch) running="$running$pid " ;;
            forget) running="${running%% $pid *} ${running#* $pid }" ;;
            esac
        done
        for pid in $running; do kill -KILL "$pid" 2>/dev/null; done
        """

    private static let ear: Mutex<FileHandle?> = Mutex(Self.start())

    static func watch(_ pid: pid_t) { self.tell("watch \(pid)\n") }
    static func forget(_ pid: pid_t) { self.tell("forget \(pid)\n") }

    private static func tell(_ line: String) {
        self.ear.withLock { $0?.write(Data(line.utf8)) }
    }

    private static func start() -> FileHandle? {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        // Nobody else may hold the other end open.
        _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO)
        // A signal to the tests' process group, as Ctrl-C is, must not end it before its work.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        posix_spawnattr_setpgroup(&attributes, 0)
        let command = ["sh", "-c", self.script]
        var words = command.map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        var pid: pid_t = 0
        guard posix_spawn(&pid, "/bin/sh", &actions, &attributes, &words, environ) == 0 else { return nil }
        close(ends[0])
        return FileHandle(fileDescriptor: ends[1], closeOnDealloc: false)
    }
}
