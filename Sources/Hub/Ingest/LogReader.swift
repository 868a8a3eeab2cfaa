import Logging
import NIOCore

/// Gathers what a node's sockets and sequencers miss at about the same time and reads it in one query of many topics.
///
/// Confined to the ingest loop; every completion is called there. A deploy that reconnects thousands of desks costs
/// PostgreSQL a handful of queries.
final class LogReader {
    typealias PageCompletion = (Result<[LogEntry], any Error>) -> Void
    typealias HeadCompletion = (Result<TopicHead?, any Error>) -> Void

    /// Events of one range in one answer, at most.
    static let pageSize = 256
    /// Ranges of one query …
    static let rangesPerQuery = 512
    /// … and the events that it can bring, however many sockets reconnect at once: of many ranges, shorter pages.
    static let eventsPerQuery = 16_384
    /// Page queries at once; what is asked for meanwhile is gathered.
    static let maximumQueries = 4

    private let eventLoop: any EventLoop
    private let log: any EventLog
    private let access: any Access
    private var window = GatherWindow()
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
        self.window.add(at: self.eventLoop.now)
        guard !self.isScheduled else { return }
        self.isScheduled = true
        self.readWhenDue()
    }

    private func readWhenDue() {
        guard let wait = self.window.wait(at: self.eventLoop.now) else { return self.read() }
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.eventLoop.scheduleTask(in: wait) { bound.value.readWhenDue() }
    }

    private func read() {
        self.isScheduled = false
        self.window.close()
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
        let limit = max(1, min(Self.pageSize, Self.eventsPerQuery / waiting.count))
        let clusters = RangeClusters(waiting.map(\.range), pageSize: limit)
        let (log, access) = (self.log, self.access)
        self.eventLoop.makeFutureWithTask { try await log.read(clusters.reads, limit: limit) }
            .assumeIsolated()
            .whenComplete { result in
                self.pageQueries -= 1
                let pages = result.map { $0.mapValues { $0.map { LogEntry($0, access: access) } } }
                for (range, completions) in waiting {
                    let page = pages.map { clusters.part(of: range, in: $0, seq: \.seq) }
                    for completion in completions { completion(page) }
                }
                if !self.waitingRanges.isEmpty { self.schedule() }
            }
    }
}
