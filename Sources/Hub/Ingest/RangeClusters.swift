/// Which stretches to read for those that are asked for: of one topic, positions that lie close together need one page, not one
/// each. After a node's restart a hundred desks come back from a hundred positions within the same minute of a day.
struct RangeClusters {
    /// What is to be read.
    private(set) var reads: [LogRange] = []
    private var read: [LogRange: LogRange] = [:]

    /// - Parameters:
    ///   - ranges: what is asked for
    ///   - pageSize: events of a page; a position in the page's first half is answered by it with at least one event, if there is one
    init(_ ranges: [LogRange], pageSize: Int) {
        for (_, ranges) in Dictionary(grouping: ranges, by: \.topic) {
            var cluster: LogRange?
            for range in ranges.sorted(by: { $0.after < $1.after }) {
                if cluster.map({ range.after - $0.after > Int64(pageSize / 2) }) ?? true {
                    cluster = range
                    self.reads.append(range)
                }
                self.read[range] = cluster
            }
        }
    }

    /// One range's part of what was read.
    func part<Entry>(of range: LogRange, in pages: [LogRange: [Entry]], seq: (Entry) -> Int64) -> [Entry] {
        guard let read = self.read[range], let page = pages[read] else { return [] }
        return read == range ? page : Array(page.drop { seq($0) <= range.after })
    }
}
