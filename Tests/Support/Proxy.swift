import Foundation
import Glibc
import Synchronization
import Testing

/// A TCP proxy in front of a server, which can lose an answer or fall silent.
public final class Proxy: Sendable {
    /// What it does with what passes.
    public enum Mode: Sendable {
        /// Passes it on.
        case forward
        /// Passes on what holds this text, waits for the server's answer, and then breaks the connection instead of delivering it.
        case loseAnswer(to: String)
        /// Delivers nothing in either direction, without closing anything.
        case silent
    }

    private struct State {
        var mode = Mode.forward
        var bursts = 0
        var isStopped = false
        var sockets: Set<Int32> = []
    }

    private let state = Mutex(State())
    private let listener: Int32
    private let target: UInt16
    /// Where it listens, on 127.0.0.1.
    public let port: UInt16

    /// A proxy to a port of 127.0.0.1.
    public init(to target: UInt16) throws {
        let listener = socket(AF_INET, Self.stream, 0)
        var address = Self.address(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) | listen(listener, 64) | getsockname(listener, pointer, &length)
            }
        }
        try #require(code == 0)
        self.target = target
        self.listener = listener
        self.port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { self.acceptLoop() }
    }

    /// How often clients sent something: one for each round trip.
    public var bursts: Int { self.state.withLock { $0.bursts } }

    /// From now on it does that.
    public func set(_ mode: Mode) {
        self.state.withLock { $0.mode = mode }
    }

    /// Closes everything.
    public func stop() {
        let sockets = self.state.withLock { state in
            state.isStopped = true
            return state.sockets
        }
        // wakes the threads, which close
        shutdown(self.listener, Int32(SHUT_RDWR))
        for socket in sockets {
            shutdown(socket, Int32(SHUT_RDWR))
        }
    }

    /// Not for the programs that tests start: they would keep a socket open that is closed here.
    private static let stream = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)

    private static func address(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private func acceptLoop() {
        while true {
            let client = accept(self.listener, nil, nil)
            guard client >= 0 else { break }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            let server = socket(AF_INET, Self.stream, 0)
            var address = Self.address(port: self.target)
            let code = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    connect(server, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard code == 0 else {
                close(client)
                close(server)
                continue
            }
            self.state.withLock { $0.sockets.formUnion([client, server]) }
            Thread.detachNewThread { self.pump(client, server) }
        }
        close(self.listener)
    }

    private func pump(_ client: Int32, _ server: Int32) {
        defer {
            self.state.withLock { $0.sockets.subtract([client, server]) }
            close(client)
            close(server)
        }
        var loses = false
        while true {
            var entries = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0), pollfd(fd: server, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&entries, 2, -1) > 0 else { return }
            for (from, to, entry) in [(client, server, entries[0]), (server, client, entries[1])] where entry.revents != 0 {
                var buffer = [UInt8](repeating: 0, count: 65_536)
                let count = recv(from, &buffer, buffer.count, 0)
                guard count > 0 else { return }
                let bytes = buffer[..<count]
                let mode = self.state.withLock { state in
                    if from == client {
                        state.bursts += 1
                    }
                    return state.mode
                }
                switch mode {
                case .silent:
                    continue
                case .loseAnswer(let text):
                    if from == client, bytes.count >= text.utf8.count, Self.contains(bytes, text) {
                        loses = true
                    } else if from == server, loses {
                        return
                    }
                case .forward:
                    break
                }
                var sent = 0
                while sent < count {
                    let step = bytes[sent...].withUnsafeBytes { send(to, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
                    guard step > 0 else { return }
                    sent += step
                }
            }
        }
    }

    private static func contains(_ bytes: ArraySlice<UInt8>, _ text: String) -> Bool {
        Data(bytes).range(of: Data(text.utf8)) != nil
    }
}
