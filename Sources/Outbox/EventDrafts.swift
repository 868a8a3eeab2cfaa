import Postgres

/// The events that a transaction is to record.
struct EventDrafts: Sendable {
    /// Events that say something that others may change at the same time: they are made under the locks of their topics' heads.
    struct Deferred: Sendable {
        enum Source: Sendable {
            /// Made by statements of their own.
            case made(@Sendable (UnitOfWork) async throws -> [UnitOfWork.PendingEvent])
            /// Selected by the statement that records them, of the rows with these ids.
            case selected([Awaited<[Int64]>], @Sendable ([Int64]) -> SQL)
        }

        var topics: [String]
        var source: Source
    }

    /// In the order in which they were reported.
    var known: [UnitOfWork.PendingEvent] = []
    private(set) var deferred: [Deferred] = []
    /// Where those of one kind are gathered.
    private var places: [String: Int] = [:]

    mutating func add(_ topics: [String], _ make: @escaping @Sendable (UnitOfWork) async throws -> [UnitOfWork.PendingEvent]) {
        self.deferred.append(Deferred(topics: topics, source: .made(make)))
    }

    /// - Parameter kind: rows of one kind are reported by one selection, that of the first call
    mutating func add(
        _ topics: [String],
        of kind: String,
        _ ids: Awaited<[Int64]>,
        _ select: @escaping @Sendable ([Int64]) -> SQL
    ) {
        guard let place = self.places[kind], case .selected(let present, let first) = self.deferred[place].source else {
            self.places[kind] = self.deferred.count
            self.deferred.append(Deferred(topics: topics, source: .selected([ids], select)))
            return
        }
        self.deferred[place].topics += topics
        self.deferred[place].source = .selected(present + [ids], first)
    }

    /// Every topic that something is reported on.
    var topics: Set<String> { Set(self.known.map(\.topic) + self.deferred.flatMap(\.topics)) }
}
