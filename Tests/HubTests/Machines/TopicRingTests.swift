import Testing

@testable import Hub

@Suite("The ring holds a topic's newest events")
struct TopicRingTests {
    private struct Entry: Equatable {
        var seq: Int64
        var weight = 1
    }

    private func ring() -> TopicRing<Entry> { TopicRing(seq: \.seq, weight: \.weight) }

    @Test("every position of the stretch is found, and none beside it", arguments: [1, 2, 255, 256, 257, 600])
    func positions(count: Int64) {
        var ring = self.ring()
        for seq in 1...count { ring.append(Entry(seq: 100 + seq)) }
        let kept = min(count, 256)
        #expect(ring.bytes == Int(kept))
        for seq in 0...(count + 2) {
            let isKept = seq > count - kept && seq <= count
            #expect(ring[100 + seq] == (isKept ? Entry(seq: 100 + seq) : nil))
        }
        #expect(ring[.max] == nil)
        #expect(ring[0] == nil)
    }

    @Test("bytes are bounded, by the oldest events")
    func bytes() {
        var ring = self.ring()
        for seq in 1...10 { ring.append(Entry(seq: Int64(seq), weight: 100_000)) }
        #expect(ring.bytes == 200_000)
        #expect(ring[8] == nil)
        #expect(ring[9] != nil)
    }

    @Test("the newest event stays, however large")
    func large() {
        var ring = self.ring()
        ring.append(Entry(seq: 1))
        ring.append(Entry(seq: 2, weight: 1_000_000))
        #expect(ring[1] == nil)
        #expect(ring[2]?.weight == 1_000_000)
        ring.append(Entry(seq: 3))
        #expect(ring[2] == nil)
        #expect(ring.bytes == 1)
    }

    @Test("emptied, it starts anywhere")
    func removeAll() {
        var ring = self.ring()
        ring.append(Entry(seq: 1))
        ring.removeAll()
        #expect(ring.isEmpty)
        #expect(ring.bytes == 0)
        ring.append(Entry(seq: 50))
        #expect(ring[50] != nil)
    }

    @Test("the past is put before it as far as there is room, its latest part first", arguments: [0, 1, 200, 256])
    func prepend(present: Int64) {
        var ring = self.ring()
        if present > 0 { for seq in 1...present { ring.append(Entry(seq: 1_000 + seq)) } }
        ring.prepend((701...1_000).map { Entry(seq: $0) })
        let room = 256 - present
        #expect(ring.bytes == 256)
        for seq in 600...(1_001 + present) as ClosedRange<Int64> {
            #expect((ring[seq] != nil) == (seq > 1_000 - room && seq <= 1_000 + present), "\(seq)")
        }
    }

    @Test("what is put before it does not drive anything out")
    func heavyPast() {
        var ring = self.ring()
        ring.append(Entry(seq: 10, weight: 200_000))
        ring.prepend([Entry(seq: 8), Entry(seq: 9, weight: 100_000)])
        #expect(ring[10] != nil && ring[9] == nil && ring[8] == nil && ring.bytes == 200_000)
        ring.prepend([Entry(seq: 9, weight: 50_000)])
        #expect(ring[9] != nil && ring.bytes == 250_000 && ring.first?.seq == 9)
    }
}
