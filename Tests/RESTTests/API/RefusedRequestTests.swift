import JSON
import Logging
import Synchronization
import Testing

@testable import REST

@Suite("Requests that never reach the router")
struct RefusedRequestTests {
    /// Keeps what is logged.
    private struct Recorder: LogHandler {
        final class Lines: Sendable {
            let list = Mutex<[(message: String, metadata: Logger.Metadata)]>([])
        }

        let lines: Lines
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { self.metadata[key] }
            set { self.metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            self.lines.list.withLock { $0.append(("\(event.message)", event.metadata ?? [:])) }
        }
    }

    @Test("they have an id, the client's own if it is harmless, and a line in the log with the path and not the query")
    func ids() throws {
        let lines = Recorder.Lines()
        let logger = Logger(label: "test", factory: { _ in Recorder(lines: lines) })
        let refused = RefusedRequest(settings: APISettings(), logger: logger)
        for (given, isKept) in [("abc-1", true), ("a b", false), (nil, false)] as [(String?, Bool)] {
            let answer = refused.answer(
                status: 403,
                reason: "No",
                origin: nil,
                acceptLanguage: "en",
                method: "GET",
                target: "/ws?token=secret",
                requestID: given
            )
            let id = try #require(answer.headers[.requestID])
            #expect(!id.isEmpty)
            #expect((id == given) == isKept)
            #expect(try JSONValue(parsing: answer.body)["code"] == "ORIGIN_NOT_ALLOWED")
            let line = try #require(lines.list.withLock { $0.last })
            #expect(line.message == "request")
            #expect(line.metadata["id"] == "\(id)")
            #expect(line.metadata["path"] == "/ws")
            #expect(line.metadata["status"] == "403")
            #expect(!"\(line.metadata)".contains("secret"))
        }
        // Bytes that are no HTTP have neither.
        _ = refused.answer(
            status: 400,
            reason: "No",
            origin: nil,
            acceptLanguage: nil,
            method: nil,
            target: nil,
            requestID: nil
        )
        #expect(lines.list.withLock { $0.last?.metadata["path"] } == "")
    }
}
