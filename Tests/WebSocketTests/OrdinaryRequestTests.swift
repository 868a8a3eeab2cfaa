import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import WebSocket

@Suite("Ordinary requests, in the same pipeline")
struct OrdinaryRequestTests {
    private static let ordinary = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
    private static let chunked = "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    private static let ok = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"

    @Test("ordinary requests pass, whole, with their bodies")
    func ordinary() throws {
        let server = try TestServer()
        try server.receive("POST /api HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
        try server.receive("GET /other HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(server.outcome.first == .http)
        #expect(server.http.log == ["POST /api keep", "body 3", "end", "GET /other keep", "end"])
        #expect(server.outcome.claimed == ["/other"])
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("an upgrade for a path of nobody, or to something else, is an ordinary request and the connection's last")
    func notClaimed() throws {
        let server = try TestServer()
        try server.receive(TestServer.request.replacing("GET /ws", with: "GET /nowhere"))
        #expect(server.http.log == ["GET /nowhere close", "end"])
        let other = try TestServer()
        try other.receive("GET /api HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        #expect(other.http.log == ["GET /api close", "end"])
        _ = try server.channel.finish(acceptAlreadyClosed: true)
        _ = try other.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("what is no HTTP is answered 400, headers over the limit 431")
    func notHTTP() throws {
        let server = try TestServer()
        try server.receive("NONSENSE\r\n\r\n")
        #expect(try server.sentText().hasPrefix("HTTP/1.1 400 "))
        #expect(!server.isActive)
        let long = try TestServer()
        try long.receive("GET / HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 100_000))\r\n\r\n")
        #expect(try long.sentText().hasPrefix("HTTP/1.1 431 "))
        #expect(!long.isActive)
    }

    @Test("a body that breaks behind its answer ends the connection, and is not answered again")
    func breaksBehindItsAnswer() throws {
        let server = try TestServer()
        try server.receive(Self.chunked)
        server.http.answer()
        #expect(try server.sentText() == Self.ok)
        try server.receive("zz\r\n")
        #expect(try server.sentText() == "")
        #expect(!server.isActive)
        #expect(server.http.log == ["POST /a keep", "inactive"])
    }

    @Test("a body that breaks before its answer is the HTTP side's to answer")
    func breaksBeforeItsAnswer() throws {
        let server = try TestServer()
        try server.receive(Self.chunked + "zz\r\n")
        #expect(try server.sentText() == "")
        #expect(server.http.log == ["POST /a keep", "error"])
        _ = try? server.channel.finish(acceptAlreadyClosed: true)
    }

    @Test("a broken request behind unanswered ones is refused when those have their answers", arguments: [false, true])
    func breaksBehindOthers(inBytes: Bool) throws {
        let server = try TestServer()
        server.http.answersAtOnce = false
        server.http.answersInBytes = inBytes
        try server.receive(Self.ordinary + Self.ordinary + "NONSENSE\r\n\r\n")
        #expect(try server.sentText() == "")
        server.http.answer()
        #expect(try server.sentText() == Self.ok)
        #expect(server.isActive)
        server.http.answer()
        #expect(try server.sentText().hasPrefix(Self.ok + "HTTP/1.1 400 "))
        #expect(!server.isActive)
        #expect(!server.http.log.contains("error"))
    }

    @Test("an answer that says so is the connection's last, also before a handshake", arguments: [false, true])
    func lastAnswer(inBytes: Bool) throws {
        for next in [Self.ordinary, TestServer.request] {
            let server = try TestServer()
            server.http.answersAtOnce = false
            server.http.answersInBytes = inBytes
            try server.receive(Self.ordinary + next)
            server.http.answer(isLast: true)
            server.http.answer()
            #expect(try server.sentText() == Self.ok.replacing("\r\n\r\n", with: "\r\nconnection: close\r\n\r\n"))
            #expect(!server.isActive)
            #expect(server.outcome.connection == nil)
        }
    }

    @Test("a FIN or a quiescing event before any request ends the connection")
    func endsWhileWaiting() throws {
        for event in [ChannelEvent.inputClosed, "quiesce"] as [any Sendable] {
            let server = try TestServer()
            server.channel.pipeline.fireUserInboundEventTriggered(event)
            server.channel.embeddedEventLoop.run()
            #expect(!server.isActive)
            #expect(server.outcome.first == .closed)
        }
    }

    @Test("events pass to the HTTP side before an upgrade")
    func eventsPass() throws {
        let server = try TestServer()
        try server.receive("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")
        server.channel.pipeline.fireUserInboundEventTriggered("quiesce")
        #expect(server.isActive)
        #expect(server.http.log.last == "event")
        _ = try server.channel.finish(acceptAlreadyClosed: true)
    }
}
