import Logging
import NIOCore
import NIOPosix
import Support
import Testing

@testable import adelante

@Suite("The listener", .inTurn)
struct ListenerTests {
    @Test("cancelled, as when another service fails, it closes its port and whoever has yet to ask")
    func cancelled() async throws {
        let database = try await Database.fresh()
        let environment = Deployment.settings(database: database.url, redis: "redis://127.0.0.1:1/0")
            .merging(["PORT": "0", "HOST": "127.0.0.1"]) { $1 }
        let settings = try NodeSettings(SettingsReader(environment: environment, dotEnv: nil))
        let logged = PortLog.Port()
        let logger = Logger(label: "test", factory: { _ in PortLog(port: logged) })
        let group = MultiThreadedEventLoopGroup.singleton
        let node = try await adelante.Node.make(settings, group: group, logger: logger)
        let listener = try #require(node.services.compactMap { $0 as? Listener }.first)
        let running = Task { try await listener.run() }
        let port = try await poll("it listens") { logged.number.withLock { $0 } }
        let (used, silent) = (try await ByteStream.connect(port: port), try await ByteStream.connect(port: port))
        used.write("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        var reader = HTTPReader(used)
        try await reader.next().expect(200)
        running.cancel()
        try await running.value
        // Accepted before, asks after.
        silent.write("GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
        for stream in [used, silent] { #expect(try await stream.read() == nil) }
        try await poll("the port is closed") {
            guard let stream = try? await ByteStream.connect(port: port) else { return () }
            stream.close()
            return nil
        }
    }
}
