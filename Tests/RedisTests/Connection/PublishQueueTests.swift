import NIOCore
import Testing

@testable import Redis

@Suite struct PublishQueueTests {
    let command = ByteBuffer(repeating: 0x61, count: 40)

    @Test func `the loop is woken once for all that waits`() {
        var queue = PublishQueue(limit: 1000)
        queue.opened()
        #expect((0..<3).map { _ in queue.appended(self.command) } == ["wakeUp", "doNothing", "doNothing"])
        let taken = queue.take()
        #expect(taken.count == 3)
        #expect(taken.bytes.readableBytes == 120)
        #expect(queue.appended(self.command) == "wakeUp")
    }

    @Test func `without a connection everything is dropped and counted`() {
        var queue = PublishQueue(limit: 1000)
        #expect(queue.appended(self.command) == "notConnected")
        queue.opened()
        _ = queue.append(self.command)
        queue.closed()
        #expect(queue.dropped == 2)
        #expect(queue.take().count == 0)
    }

    @Test func `what waits for the socket is bounded, and one warning is enough`() {
        var queue = PublishQueue(limit: 100)
        queue.opened()
        #expect((0..<4).map { _ in queue.appended(self.command) } == ["wakeUp", "doNothing", "backlog, first", "backlog"])
        _ = queue.take()
        queue.inFlightChanged(to: 80)
        #expect(queue.appended(self.command) == "backlog")
        queue.inFlightChanged(to: 40)
        #expect(queue.appended(self.command) == "wakeUp")
        #expect(queue.appended(self.command) == "backlog, first")
        #expect(queue.dropped == 4)
    }
}

extension PublishQueue {
    fileprivate mutating func appended(_ command: ByteBuffer) -> String {
        switch self.append(command) {
        case .wakeUp: "wakeUp"
        case .doNothing: "doNothing"
        case .droppedNotConnected: "notConnected"
        case .droppedBacklog(first: true): "backlog, first"
        case .droppedBacklog(first: false): "backlog"
        }
    }
}
