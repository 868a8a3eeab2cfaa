import Testing

@testable import Hub

@Suite("Stretches of one topic that lie close together are read as one")
struct RangeClustersTests {
    /// What a log with these events would answer.
    private func pages(_ clusters: RangeClusters, events: ClosedRange<Int64>, limit: Int) -> [LogRange: [Int64]] {
        clusters.reads.reduce(into: [:]) { pages, range in
            pages[range] = Array(events.filter { $0 > range.after }.prefix(limit))
        }
    }

    @Test("every range gets the events behind it, in order, and at least one if there is one", arguments: [2, 8, 32, 256])
    func parts(limit: Int) {
        let ranges = ["a", "b"].flatMap { topic in stride(from: 0, through: 120, by: 3).map { LogRange(topic: topic, after: $0) }
        }
        let clusters = RangeClusters(ranges.shuffled(), pageSize: limit)
        let pages = self.pages(clusters, events: 10...100, limit: limit)
        for range in ranges {
            let part = clusters.part(of: range, in: pages, seq: { $0 })
            let first = max(10, range.after + 1)
            #expect(part == part.indices.map { first + Int64($0) } && part.isEmpty == (first > 100), "behind \(range.after)")
        }
    }

    @Test("close ones need one read, distant ones their own, and topics are not mixed")
    func reads() {
        let ranges = [0, 1, 64, 128, 129, 1_000].map { LogRange(topic: "a", after: $0) } + [LogRange(topic: "b", after: 5)]
        let reads = RangeClusters(ranges, pageSize: 256).reads
        #expect(
            Set(reads) == [
                .init(topic: "a", after: 0), .init(topic: "a", after: 129), .init(topic: "a", after: 1_000),
                .init(topic: "b", after: 5),
            ]
        )
        #expect(reads.count == 4)
    }
}
