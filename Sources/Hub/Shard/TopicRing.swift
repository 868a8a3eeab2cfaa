import DequeModule

/// The newest events of a topic on one loop: a contiguous stretch of positions that ends at the topic's last one.
struct TopicRing<Entry> {
    private var entries: Deque<Entry> = []
    private let seq: (Entry) -> Int64
    private let weight: (Entry) -> Int
    /// The bytes that the entries count for.
    private(set) var bytes = 0

    /// At most this many events …
    static var maximumCount: Int { 256 }
    /// … and this many bytes; the newest event stays even if it alone is larger.
    static var maximumBytes: Int { 256 * 1_024 }

    init(seq: @escaping (Entry) -> Int64, weight: @escaping (Entry) -> Int) {
        self.seq = seq
        self.weight = weight
    }

    var isEmpty: Bool { self.entries.isEmpty }

    /// Adds the topic's next event; the oldest leave as the limits ask.
    mutating func append(_ entry: Entry) {
        if let last = self.entries.last {
            precondition(self.seq(entry) == self.seq(last) + 1, "A topic's log has no holes")
        }
        self.entries.append(entry)
        self.bytes += self.weight(entry)
        while self.entries.count > Self.maximumCount || (self.bytes > Self.maximumBytes && self.entries.count > 1) {
            self.bytes -= self.weight(self.entries.removeFirst())
        }
    }

    /// Adds the events before the first, the latest of them first, as far as the limits let them.
    mutating func prepend(_ older: some BidirectionalCollection<Entry>) {
        for entry in older.reversed() {
            if let first = self.entries.first {
                precondition(self.seq(entry) == self.seq(first) - 1, "A topic's log has no holes")
            }
            let weight = self.weight(entry)
            guard self.entries.count < Self.maximumCount, self.entries.isEmpty || self.bytes + weight <= Self.maximumBytes else {
                return
            }
            self.entries.prepend(entry)
            self.bytes += weight
        }
    }

    /// The oldest event that it has.
    var first: Entry? { self.entries.first }

    /// The entry at a position, if the ring still has it.
    subscript(position: Int64) -> Entry? {
        guard let first = self.entries.first else { return nil }
        let index = position - self.seq(first)
        guard index >= 0, index < self.entries.count else { return nil }
        return self.entries[Int(index)]
    }

    mutating func removeAll() {
        self.entries.removeAll()
        self.bytes = 0
    }
}
