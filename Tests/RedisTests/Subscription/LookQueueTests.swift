import NIOCore
import NIOPosix
import Redis
import Synchronization
import Testing

@Suite("a queue of what is to be looked at")
struct LookQueueTests {
    @Test("each thing is looked at once, in batches, unless nobody cares any more; what comes meanwhile is looked at after")
    func batches() async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let queue = LookQueue<Int>(on: loop, batch: 10)
        let (looked, told) = AsyncStream.makeStream(of: [Int].self)
        let isFirst = Mutex(true)
        let running = Task {
            await queue.run(while: { $0 % 2 == 0 }) { things in
                // Again, while it is being looked at.
                if isFirst.withLock({ first in
                    defer { first = false }; return first
                }) {
                    try? await loop.submit { queue.add([things[0], 1_000, 1_001]) }.get()
                }
                told.yield(things)
            }
        }
        try await loop.submit {
            queue.add(0..<50)
            queue.add(20..<52)
            queue.add([])
        }.get()
        var batches: [[Int]] = []
        for await batch in looked {
            batches.append(batch)
            if batches.count == 4 { break }
        }
        running.cancel()
        await running.value
        #expect(batches.prefix(3).map(\.count) == [10, 10, 6])
        #expect(batches.prefix(3).flatMap { $0 }.sorted() == Array(stride(from: 0, to: 52, by: 2)))
        #expect(Set(batches[3]) == [batches[0][0], 1_000])
    }
}
