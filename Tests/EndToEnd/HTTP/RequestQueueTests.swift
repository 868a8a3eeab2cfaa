import NIOCore
import NIOHTTP1
import Testing

@testable import adelante

@Suite("The requests of a connection, as a value")
struct RequestQueueTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test("parts are taken as they came; a body that is all there is taken at once, and no further")
    func order() {
        var queue = RequestQueue(now: self.start)
        #expect(!queue.isReady)
        for part in [head("/a"), body("on"), body("e"), .end(nil), head("/b"), .end(nil), head("/c"), body("x")] {
            queue.received(part, now: self.start)
        }
        #expect(queue.isReady)
        var bodies: [ByteBuffer?] = []
        var taken = queue.taken(1)
        bodies.append(queue.takeBody())
        // Nobody's body is left to be taken.
        bodies.append(queue.takeBody())
        taken += queue.taken(1)
        bodies.append(queue.takeBody())
        taken += queue.taken(1)
        // Its end has not come.
        bodies.append(queue.takeBody())
        #expect(queue.hasBodyLeft)
        taken += queue.taken(2)
        queue.received(.end(nil), now: self.start)
        taken += queue.taken(1)
        #expect(!queue.hasBodyLeft)
        #expect(taken == ["/a", "/b", "/c", "x", "wait", "end"])
        #expect(bodies == [ByteBuffer(string: "one"), nil, ByteBuffer(), nil])
    }

    @Test("what came before the end is taken before it, and nothing comes behind it")
    func ends() {
        var queue = RequestQueue(now: self.start)
        queue.received(head("/a"), now: self.start)
        queue.ended()
        queue.ended(by: HTTPParserError.invalidChunkSize)
        queue.received(body("x"), now: self.start)
        let taken = queue.taken(3)
        #expect(taken == ["/a", "over", "over"])
        #expect(queue.isReady)
        var broken = RequestQueue(now: self.start)
        broken.ended(by: HTTPParserError.invalidChunkSize)
        #expect(broken.isReady)
        let failed = broken.taken(1)
        #expect(failed == ["failed"])
    }

    @Test("the socket is left unread from ten parts on until two are left, or there is nothing more to read")
    func reads() {
        var queue = RequestQueue(now: self.start)
        for count in 1...12 {
            queue.received(count == 1 ? head("/a") : body("x"), now: self.start)
            #expect(queue.holdsReads == (count >= 10))
        }
        for left in (0..<12).reversed() {
            _ = queue.taken(1)
            #expect(queue.holdsReads == (left > 2))
        }
        for _ in 0..<10 { queue.received(body("x"), now: self.start) }
        #expect(queue.holdsReads)
        queue.ended()
        #expect(!queue.holdsReads)
    }

    @Test("a server that ends closes behind the last answer, and at once where nothing is asked")
    func quiescing() {
        var queue = RequestQueue(now: self.start)
        for part in [head("/a"), .end(nil), head("/b"), .end(nil)] { queue.received(part, now: self.start) }
        let endsNow = queue.quiesce()
        let actions = [queue.answered(now: self.start), queue.answered(now: self.start)]
        #expect(!endsNow && actions == [.doNothing, .close])
        var idle = RequestQueue(now: self.start)
        for part in [head("/a"), .end(nil)] { idle.received(part, now: self.start) }
        let action = idle.answered(now: self.start)
        let endsIdle = idle.quiesce()
        #expect(action == .rest && endsIdle)
    }

    @Test(
        "a connection is idle 75 seconds after its last answer or the last part of a request, and never while it is answered"
    )
    func idleness() {
        var queue = RequestQueue(now: self.start)
        let later = self.start + .seconds(30)
        #expect(queue.checkIdle(now: later) == .wait(until: self.start + .seconds(75)))
        queue.received(head("/a"), now: later)
        // It has not come to its end: who sends nothing more is idle too.
        #expect(queue.checkIdle(now: later + .seconds(74)) == .wait(until: later + .seconds(75)))
        #expect(queue.checkIdle(now: later + .seconds(75)) == .close)
        queue.received(.end(nil), now: later)
        #expect(queue.checkIdle(now: later + .seconds(1_000)) == .doNothing)
        let answered = later + .seconds(1_000)
        let action = queue.answered(now: answered)
        #expect(action == .rest)
        #expect(queue.checkIdle(now: answered + .seconds(74)) == .wait(until: answered + .seconds(75)))
        #expect(queue.checkIdle(now: answered + .seconds(75)) == .close)
    }

    private func head(_ uri: String) -> HTTPServerRequestPart {
        .head(HTTPRequestHead(version: .http1_1, method: .POST, uri: uri))
    }

    private func body(_ text: String) -> HTTPServerRequestPart { .body(ByteBuffer(string: text)) }
}

extension RequestQueue {
    /// What is taken next, each in a word: a head's target, a body's text, and so on.
    fileprivate mutating func taken(_ count: Int) -> [String] {
        (0..<count).map { _ in
            switch self.take() {
            case .take(.head(let head)): head.uri
            case .take(.body(let body)): String(buffer: body)
            case .take(.end): "end"
            case .take(nil): "over"
            case .wait: "wait"
            case .fail: "failed"
            }
        }
    }
}
