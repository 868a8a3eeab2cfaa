/// Pongs that are owed: each leaves only behind every event that its heads count.
struct PongQueue {
    typealias Heads = [(subscription: Subscription, seq: Int64)]

    /// Pings that may wait for a reader that does not read.
    private static let maximum = 16

    private var waiting: [(id: CommandID?, heads: Heads)] = []

    var isEmpty: Bool { self.waiting.isEmpty }

    /// - Returns: false if too many wait already
    mutating func append(_ id: CommandID?, _ heads: Heads) -> Bool {
        guard self.waiting.count < Self.maximum else { return false }
        self.waiting.append((id, heads))
        return true
    }

    /// The first one, if all that its heads count has been written; heads of subscriptions that have ended are left out.
    mutating func takeDue() -> (id: CommandID?, heads: Heads)? {
        guard let pong = self.waiting.first else { return nil }
        let heads = pong.heads.filter { $0.subscription.slot >= 0 }
        guard heads.allSatisfy({ $0.subscription.cursor >= $0.seq }) else { return nil }
        self.waiting.removeFirst()
        return (pong.id, heads)
    }

    /// What is counted of this subscription behind its cursor will not come any more: it is told of by `recovered:false`.
    mutating func lower(_ subscription: Subscription) {
        for pong in self.waiting.indices {
            for head in self.waiting[pong].heads.indices where self.waiting[pong].heads[head].subscription === subscription {
                self.waiting[pong].heads[head].seq = min(self.waiting[pong].heads[head].seq, subscription.cursor)
            }
        }
    }

    mutating func removeAll() {
        self.waiting = []
    }
}
