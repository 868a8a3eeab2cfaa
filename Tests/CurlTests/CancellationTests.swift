import Curl
import ServiceLifecycle
import Support
import Testing

@Suite struct CancellationTests {
    @Test func `cancelling the task closes the connection and returns at once`() async throws {
        let server = try await ByteServer.start()
        try await withCurl { curl in
            let task = Task { await curl.failure(CurlRequest(.get, server.url(), timeout: .seconds(600))) }
            let stream = try await server.accept()
            _ = try await stream.readText()
            task.cancel()
            #expect(await task.value?.code == .cancelled)
            #expect(try await stream.read() == nil)
        }
    }

    @Test func `a task that is cancelled already sends nothing`() async throws {
        let server = try await ByteServer.start()
        try await withCurl { curl in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await curl.failure(CurlRequest(.get, server.url()))
            }
            #expect(await task.value?.code == .cancelled)
            // Whatever the first might have sent would be on its way before this one.
            async let other = curl.send(CurlRequest(.get, server.url("/other")))
            let stream = try await server.accept()
            #expect(try await stream.readText().hasPrefix("GET /other "))
            stream.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            _ = try await other
        }
        #expect(await server.isUnvisited())
    }

    @Test func `what is cancelled before the client runs is never sent`() async throws {
        let curl = try CurlClient()
        let task = Task { await curl.failure(CurlRequest(.get, "http://127.0.0.1:9/")) }
        task.cancel()
        #expect(await task.value?.code == .cancelled)
    }

    @Test func `the others go on`() async throws {
        let server = try await ByteServer.start()
        try await withCurl { curl in
            let doomed = Task { await curl.failure(CurlRequest(.get, server.url("/doomed"))) }
            _ = try await server.accept().readText()
            async let answer = curl.send(CurlRequest(.get, server.url("/other")))
            let stream = try await server.accept()
            _ = try await stream.readText()
            doomed.cancel()
            #expect(await doomed.value?.code == .cancelled)
            stream.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            #expect(try await answer.status == 200)
        }
    }

    @Test func `what is asked before the client runs is sent when it does`() async throws {
        let server = try await ByteServer.start()
        let curl = try CurlClient()
        async let answer = curl.send(CurlRequest(.get, server.url()))
        let running = Task { try await curl.run() }
        let stream = try await server.accept()
        _ = try await stream.readText()
        stream.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(try await answer.status == 200)
        running.cancel()
        try await running.value
    }

    @Test func `a client that stops breaks off what is under way, and takes nothing more`() async throws {
        let server = try await ByteServer.start()
        let curl = try CurlClient()
        let running = Task { try await curl.run() }
        async let failure = curl.failure(CurlRequest(.get, server.url(), timeout: .seconds(600)))
        let stream = try await server.accept()
        _ = try await stream.readText()
        running.cancel()
        #expect(await failure?.code == .closed)
        #expect(try await stream.read() == nil)
        try await running.value
        #expect(await curl.failure(CurlRequest(.get, server.url()))?.code == .closed)
    }

    @Test func `a graceful shutdown ends it`() async throws {
        let curl = try CurlClient()
        let group = ServiceGroup(configuration: .init(services: [curl], logger: .init(label: "test")))
        let running = Task { try await group.run() }
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(await curl.failure(CurlRequest(.get, "http://127.0.0.1:9/"))?.code == .closed)
    }

    @Test func `more transfers than the client allows are refused`() async throws {
        let server = try await ByteServer.start()
        try await withCurl(CurlConfiguration(maxTransfers: 1)) { curl in
            let first = Task { await curl.failure(CurlRequest(.get, server.url())) }
            _ = try await server.accept().readText()
            #expect(await curl.failure(CurlRequest(.get, server.url()))?.code == .tooManyTransfers)
            first.cancel()
            _ = await first.value
        }
    }
}
