/// PostgreSQL as far as the rules of `seq` stand on it: two writers, transactions that nobody else sees before they commit, the
/// lock of one topic's head, snapshots and their `xmin`, epochs.
struct ModelDatabase: Hashable {
    /// A row of `events`.
    struct Row: Hashable {
        var seq: Int64
        /// Tells apart what was written under one seq in two histories.
        var born: Int8
        var xid: Int8
    }

    struct Transaction: Hashable {
        var xid: Int8
        /// Written under the head's lock.
        var row: Row?
    }

    /// What a look of anti-entropy sees, all in one snapshot.
    struct Look: Hashable {
        /// The highest committed seq since the watermark.
        var seq: Int64?
        /// The oldest transaction whose end this snapshot has not seen.
        var xmin: Int8
        /// The newest transaction of which it saw something.
        var newest: Int8
        var epoch: Int8
    }

    private(set) var epoch: Int8 = 1
    /// What is committed, in order.
    private(set) var rows: [Row] = []
    /// What was committed in each epoch before this one, when it ended.
    private(set) var past: [[Row]] = []
    private(set) var open: [Transaction?]
    private var nextXID: Int8 = 1
    private var births: Int8 = 0
    private(set) var toBegin: [Int]
    private(set) var rollbacks: Int
    private(set) var renewals: Int

    init(_ budget: ModelBudget) {
        self.open = Array(repeating: nil, count: budget.transactions.count)
        self.toBegin = budget.transactions
        self.rollbacks = budget.rollbacks
        self.renewals = budget.renewals
    }

    var head: Int64 { Int64(self.rows.count) }
    var isHeadLocked: Bool { self.open.contains { $0?.row != nil } }
    var isIdle: Bool { self.open.allSatisfy { $0 == nil } }

    // MARK: Writing

    /// A transaction writes its domain rows: it has a number from here on.
    mutating func begin(_ writer: Int) {
        self.toBegin[writer] -= 1
        self.open[writer] = Transaction(xid: self.nextXID)
        self.nextXID += 1
    }

    /// `record_events`: takes the head and writes the event.
    mutating func record(_ writer: Int) {
        guard var transaction = self.open[writer] else { return }
        self.births += 1
        transaction.row = Row(seq: self.head + 1, born: self.births, xid: transaction.xid)
        self.open[writer] = transaction
    }

    mutating func commit(_ writer: Int) -> Row? {
        guard let row = self.open[writer]?.row else { return nil }
        self.open[writer] = nil
        self.rows.append(row)
        return row
    }

    mutating func rollBack(_ writer: Int) {
        self.rollbacks -= 1
        self.open[writer] = nil
    }

    /// `epoch renew`; before it, perhaps, a backup was restored that had only so many of the events.
    mutating func renew(keeping count: Int) {
        self.renewals -= 1
        self.past.append(self.rows)
        self.rows.removeLast(self.rows.count - count)
        self.epoch += 1
    }

    // MARK: Reading

    /// The oldest transaction that a snapshot of now cannot see the end of.
    private var xmin: Int8 { self.open.compactMap { $0?.xid }.min() ?? self.nextXID }

    func look(since watermark: Int8) -> Look {
        let seen = self.rows.filter { $0.xid >= watermark }
        return Look(
            seq: seen.map(\.seq).max(),
            xmin: self.xmin,
            newest: max(watermark, seen.map { $0.xid + 1 }.max() ?? 0),
            epoch: self.epoch
        )
    }

    func page(after seq: Int64, limit: Int) -> [ModelEvent] {
        self.rows.filter { $0.seq > seq }.prefix(limit).map { ModelEvent(seq: $0.seq, born: $0.born, epoch: self.epoch) }
    }

    /// Whether this event is what stood at its place in a history.
    func has(_ event: ModelEvent, in epoch: Int8) -> Bool {
        let rows = epoch == self.epoch ? self.rows : self.past[Int(epoch) - 1]
        return event.seq <= rows.count && rows[Int(event.seq) - 1].born == event.born
    }
}

/// An event on its way: as it was published, or read.
struct ModelEvent: Hashable {
    var seq: Int64
    var born: Int8
    var epoch: Int8
}

/// How much may happen in a world.
struct ModelBudget: Sendable {
    var nodes = 1
    /// By writer.
    var transactions: [Int]
    var rollbacks = 0
    /// Publications that arrive twice.
    var repetitions = 0
    /// Answers of PostgreSQL that do not arrive.
    var failures = 0
    var renewals = 0
    /// Whether the nodes have yet to read where the topic stands.
    var joining = false
}

/// A rule broken on purpose: the search has to find it.
enum ModelMutant: String, CaseIterable, Sendable {
    /// An event that was handed on is handed on again when it comes again.
    case duplicateAccepted
    /// The next watermark is what the database had when the look's answer came, not when it was taken.
    case watermarkAfterQuery
    /// The next watermark is behind the newest transaction that was seen.
    case watermarkBehindNewest
    /// What was read for a gap is handed on, whatever has come meanwhile.
    case pageBelieved
    /// An event of another epoch is taken as one of ours.
    case epochIgnored
    /// A renewal that a look finds is not followed up.
    case renewalIgnored
    /// A head that was read in doubt says nothing but whose history it is.
    case headUnheeded
    /// What came while the first head was being read is thrown away.
    case earlyThrownAway
    /// What a look found while the head was being read is not looked up behind it.
    case announcementForgotten
}
