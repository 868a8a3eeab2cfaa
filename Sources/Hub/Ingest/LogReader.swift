import Logging
import NIOCore

/// Gathers what a node's sockets and sequencers miss for a few milliseconds and reads it in one query of many topics.
///
/// Confined to the ingest loop; every completion is called there. A deploy that reconnects thousands of desks costs
/// PostgreSQL a handful of queries.
final class LogReader {
    typealias PageCompletion = (Result<[LogEntry], any Error>) -> Void
    typealias HeadCompletion = (Result<TopicHead?, any Error>) -> Void

    /// Events of one range in one answer.
    static let pageSize = 256
    /// Ranges of one query: what a query can bring is bounded, however many sockets reconnect at once.
    static let rangesPerQuery = 64
    /// Page queries at once; what is asked for meanwhile is gathered.
    static let maximumQueries = 4

    private let eventLoop: any EventLoop
    private let log: any EventLog
    private let access: any Access
    private let gatherTime = TimeAmount.milliseconds(3)
    private var pages: [LogRange: [PageCompletion]] = [:]
    /// The keys of `pages`, in the order in which they were first asked for.
    private var waitingRanges: [LogRange] = []
    private var heads: [String: [HeadCompletion]] = [:]
    private var isScheduled = false
    private var pageQueries = 0

    init(eventLoop: any EventLoop, log: any EventLog, access: any Access) {
        self.eventLoop = eventLoop
        self.log = log
        self.access = access
    }

    /// The page of events behind a position.
    func page(_ range: LogRange, _ completion: @escaping PageCompletion) {
        self.eventLoop.assertInEventLoop()
        if self.pages[range] == nil { self.waitingRanges.append(range) }
        self.pages[range, default: []].append(completion)
        self.schedule()
    }

    /// The present head of a topic; `nil` if there is no such topic.
    func head(_ topic: String, _ completion: @escaping HeadCompletion) {
        self.eventLoop.assertInEventLoop()
        self.heads[topic, default: []].append(completion)
        self.schedule()
    }

    private func schedule() {
        guard !self.isScheduled else { return }
        self.isScheduled = true
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.eventLoop.scheduleTask(in: self.gatherTime) { bound.value.read() }
    }

    private func read() {
        self.isScheduled = false
        if !self.heads.isEmpty { self.readHeads() }
        if !self.pages.isEmpty { self.readPages() }
    }

    private func readHeads() {
        let waiting = self.heads
        self.heads = [:]
        let (log, topics) = (self.log, Array(waiting.keys))
        self.eventLoop.makeFutureWithTask { try await log.heads(of: topics) }
            .assumeIsolated()
            .whenComplete { result in
                for (topic, completions) in waiting {
                    for completion in completions { completion(result.map { $0[topic] }) }
                }
            }
    }

    private func readPages() {
        while !self.waitingRanges.isEmpty, self.pageQueries < Self.maximumQueries {
            let ranges = Array(self.waitingRanges.prefix(Self.rangesPerQuery))
            self.waitingRanges.removeFirst(ranges.count)
            self.readPages(ranges.map { ($0, self.pages.removeValue(forKey: $0) ?? []) })
        }
    }

    private func readPages(_ waiting: [(range: LogRange, completions: [PageCompletion])]) {
        self.pageQueries += 1
        let (log, access, ranges) = (self.log, self.access, waiting.map(\.range))
        self.eventLoop.makeFutureWithTask { try await log.read(ranges, limit: Self.pageSize) }
            .assumeIsolated()
            .whenComplete { result in
                self.pageQueries -= 1
                let entries = result.map { $0.mapValues { $0.map { LogEntry($0, access: access) } } }
                for (range, completions) in waiting {
                    for completion in completions { completion(entries.map { $0[range] ?? [] }) }
                }
                if !self.waitingRanges.isEmpty { self.schedule() }
            }
    }
}
