import NIOCore
import Synchronization

@testable import Hub

/// PostgreSQL's part in memory: commits, epochs, pruning, and the ways in which an answer can be late or missing.
///
/// What a question sees is fixed when it is asked, as a statement's snapshot is; a held answer arrives later.
final class MemoryEventLog: EventLog {
    enum Question: Hashable, Sendable { case heads, pages, changes }

    struct Away: Error {}

    private struct Topic {
        var epoch: String
        var seq: Int64 = 0
        var events: [CommittedEvent] = []
    }

    private struct State {
        var topics: [String: Topic] = [:]
        var commits: [(topic: String, seq: Int64)] = []
        var failing: Set<Question> = []
        var held: Set<Question> = []
        var losesHeld = false
        var waiting: [Question: [CheckedContinuation<Void, Never>]] = [:]
        var asked: [Question: Int] = [:]
        var largestRead = 0
    }

    private let state = Mutex(State())

    // MARK: What a test does to it

    func create(_ topic: String, epoch: String = "E1") {
        self.state.withLock { $0.topics[topic] = Topic(epoch: epoch) }
    }

    /// Writes the topic's next event; nobody is told.
    @discardableResult
    func commit(_ topic: String, type: String = "thing:changed", data: String? = nil, version: Int64? = nil) -> CommittedEvent {
        self.state.withLock { state in
            guard var stored = state.topics[topic] else { preconditionFailure("There is no topic \(topic)") }
            stored.seq += 1
            let event = CommittedEvent(
                topic: topic,
                seq: stored.seq,
                epoch: stored.epoch,
                type: type,
                version: version,
                at: 1_779_010_200_000_000 + stored.seq * 1_000,
                data: ByteBuffer(string: data ?? #"{"n":\#(stored.seq)}"#)
            )
            stored.events.append(event)
            state.topics[topic] = stored
            state.commits.append((topic, stored.seq))
            return event
        }
    }

    /// Retention: the events up to this one are gone.
    func prune(_ topic: String, through seq: Int64) {
        self.state.withLock { $0.topics[topic]?.events.removeAll { $0.seq <= seq } }
    }

    /// A backup was restored, and its epochs renewed: what came after `seq` never happened.
    func restore(_ topic: String, to seq: Int64, epoch: String) {
        self.state.withLock { state in
            state.topics[topic]?.events.removeAll { $0.seq > seq }
            state.topics[topic]?.seq = seq
            state.topics[topic]?.epoch = epoch
        }
    }

    /// Questions of this kind are refused from now on, or no longer.
    func fail(_ question: Question, _ fails: Bool = true) {
        self.state.withLock { state in
            if fails { state.failing.insert(question) } else { state.failing.remove(question) }
        }
    }

    /// Answers of this kind wait for ``release(_:)``.
    func hold(_ question: Question) {
        self.state.withLock { _ = $0.held.insert(question) }
    }

    /// - Parameter isLost: they do not come after all
    func release(_ question: Question, isLost: Bool = false) {
        let waiting = self.state.withLock { state in
            state.held.remove(question)
            state.losesHeld = isLost
            return state.waiting.removeValue(forKey: question) ?? []
        }
        for continuation in waiting { continuation.resume() }
    }

    /// How many answers wait to be released.
    func heldCount(_ question: Question) -> Int {
        self.state.withLock { $0.waiting[question]?.count ?? 0 }
    }

    /// How many questions of a kind were asked.
    func asked(_ question: Question) -> Int {
        self.state.withLock { $0.asked[question] ?? 0 }
    }

    /// The most ranges of one question.
    var largestRead: Int { self.state.withLock { $0.largestRead } }

    // MARK: EventLog

    func heads(of topics: [String]) async throws -> [String: TopicHead] {
        let found = try self.ask(.heads) { state in
            topics.reduce(into: [:]) { heads, topic in
                heads[topic] = state.topics[topic].map { TopicHead(seq: $0.seq, epoch: $0.epoch) }
            }
        }
        try await self.gate(.heads)
        return found
    }

    func read(_ ranges: [LogRange], limit: Int) async throws -> [LogRange: [CommittedEvent]] {
        let found = try self.ask(.pages) { state -> [LogRange: [CommittedEvent]] in
            state.largestRead = max(state.largestRead, ranges.count)
            return ranges.reduce(into: [:]) { pages, range in
                guard let topic = state.topics[range.topic] else { return }
                // The epoch is the head's, as in the real log.
                let events = topic.events.filter { $0.seq > range.after }.prefix(limit).map { event in
                    CommittedEvent(
                        topic: event.topic,
                        seq: event.seq,
                        epoch: topic.epoch,
                        type: event.type,
                        version: event.version,
                        at: event.at,
                        data: event.data
                    )
                }
                if !events.isEmpty { pages[range] = events }
            }
        }
        try await self.gate(.pages)
        return found
    }

    func changes(since watermark: UInt64?) async throws -> LogChanges {
        let found = try self.ask(.changes) { state in
            let newest = state.commits.dropFirst(Int(watermark ?? UInt64(state.commits.count)))
            let heads = Dictionary(newest.map { ($0.topic, $0.seq) }, uniquingKeysWith: max)
            return LogChanges(
                watermark: UInt64(state.commits.count),
                changes: heads.sorted { $0.key < $1.key }.map { .init(topic: $0.key, seq: $0.value, age: 0) }
            )
        }
        try await self.gate(.changes)
        return found
    }

    private func ask<Answer>(_ question: Question, _ answer: (inout State) -> Answer) throws -> Answer {
        try self.state.withLock { state in
            state.asked[question, default: 0] += 1
            if state.failing.contains(question) { throw Away() }
            return answer(&state)
        }
    }

    private func gate(_ question: Question) async throws {
        guard self.state.withLock({ $0.held.contains(question) }) else { return }
        await withCheckedContinuation { continuation in
            let isHeld = self.state.withLock { state in
                guard state.held.contains(question) else { return false }
                state.waiting[question, default: []].append(continuation)
                return true
            }
            if !isHeld { continuation.resume() }
        }
        if self.state.withLock({ $0.losesHeld }) { throw Away() }
    }
}
