@testable import Hub

/// One topic on one node: the real sequencer, and the rules of `Ingest` around it, as a value. Every question to PostgreSQL is asked,
/// answered from one snapshot, and the answer heard: at three moments.
struct ModelNode: Hashable {
    enum Read: Hashable {
        case asked(after: Int64)
        case answered(after: Int64, [ModelEvent])
    }

    enum HeadRead: Hashable {
        case asked
        case answered(seq: Int64, epoch: Int8)
    }

    /// A head that is read because the history may not be ours any more.
    struct Doubt: Hashable {
        var read = HeadRead.asked
        /// Where we were when we asked.
        var last: Int64
        /// Whether the history was begun anew since.
        var isStale = false
    }

    static let pageSize = 2

    private let mutant: ModelMutant?
    private(set) var sequencer: TopicSequencer<ModelEvent>?
    private(set) var epoch: Int8 = 0
    /// The first head of a topic that is being joined.
    private(set) var joining: HeadRead?
    private var early: [ModelEvent] = []
    private var announced: Int64 = 0
    private(set) var gap: Read?
    /// After an empty gap read.
    private(set) var verification: HeadRead?
    private(set) var doubt: Doubt?
    private var mustDoubtAgain = false
    private(set) var isTimerRunning = false
    private(set) var isRetryDue = false
    private(set) var look: ModelDatabase.Look?
    private var watermark: Int8 = 1
    private var seenEpoch: Int8 = 1

    /// What has been handed on since the history was begun.
    private(set) var delivered: [ModelEvent] = []
    private(set) var base: Int64 = 0
    private(set) var startedOver = 0

    init(joining: Bool, mutant: ModelMutant?) {
        self.mutant = mutant
        if joining { self.joining = .asked } else { self.begin(0, 1) }
    }

    var isQuiet: Bool {
        self.joining == nil && self.gap == nil && self.verification == nil && self.doubt == nil && !self.isTimerRunning
            && !self.isRetryDue && self.look == nil
    }

    private mutating func begin(_ seq: Int64, _ epoch: Int8) {
        self.sequencer = TopicSequencer(head: seq, seq: { $0.seq })
        (self.epoch, self.base, self.delivered) = (epoch, seq, [])
        // Answers of the history before are no use.
        (self.gap, self.verification, self.isRetryDue) = (nil, nil, false)
        self.doubt?.isStale = true
    }

    // MARK: Events come in

    mutating func received(_ event: ModelEvent) {
        guard let last = self.sequencer?.last else {
            self.announced = max(self.announced, event.seq)
            if self.mutant != .earlyThrownAway { self.early.append(event) } else { self.announced = 0 }
            return
        }
        guard event.epoch == self.epoch || self.mutant == .epochIgnored else {
            self.announced = max(self.announced, event.seq)
            return self.verifyHead()
        }
        if self.mutant == .duplicateAccepted, event.seq <= last { self.delivered.append(event) }
        switch self.sequencer?.received(event) {
        case .deliver(let events): self.delivered += events
        case .startGapTimer: self.isTimerRunning = true
        case .ignore, nil: break
        }
    }

    mutating func timerFired() {
        self.isTimerRunning = false
        self.perform(self.sequencer?.gapTimerFired())
    }

    mutating func retry() {
        self.isRetryDue = false
        self.perform(self.sequencer?.gapTimerFired())
    }

    private mutating func perform(_ action: TopicSequencer<ModelEvent>.ReadAction?) {
        if case .read(let after) = action { self.gap = .asked(after: after) }
    }

    // MARK: Anti-entropy

    /// A look that sees nothing new changes nothing, whenever its answer arrives. That goes for the rules as they are.
    func mayLook(_ database: ModelDatabase) -> Bool {
        guard self.look == nil else { return false }
        let look = database.look(since: self.watermark)
        return self.mutant != nil || look.seq != nil || look.xmin != self.watermark || look.epoch != self.seenEpoch
    }

    mutating func takeLook(_ database: ModelDatabase) {
        self.look = database.look(since: self.watermark)
    }

    mutating func lookArrived(_ database: ModelDatabase) {
        guard let look else { return }
        self.look = nil
        switch self.mutant {
        case .watermarkAfterQuery: self.watermark = database.look(since: 0).xmin
        case .watermarkBehindNewest: self.watermark = look.newest
        default: self.watermark = look.xmin
        }
        if let seq = look.seq { self.learned(seq) }
        if look.epoch != self.seenEpoch, self.mutant != .renewalIgnored, self.sequencer != nil || self.joining != nil {
            self.verifyHead()
        }
        self.seenEpoch = look.epoch
    }

    private mutating func learned(_ seq: Int64) {
        let isReadingHead = self.joining != nil || self.doubt != nil
        if isReadingHead, self.mutant != .announcementForgotten { self.announced = max(self.announced, seq) }
        guard let last = self.sequencer?.last else { return }
        self.perform(self.sequencer?.learned(head: seq))
        if seq < last { self.verifyHead() }
    }

    // MARK: The first head

    mutating func joined() {
        guard case .answered(let seq, let epoch) = self.joining else { return }
        self.joining = nil
        self.begin(seq, epoch)
        let early = self.early
        self.early = []
        for event in early { self.received(event) }
        self.catchUp()
        if self.mustDoubtAgain { self.verifyHead() }
    }

    private mutating func catchUp() {
        let announced = self.announced
        self.announced = 0
        self.perform(self.sequencer?.learned(head: announced))
    }

    // MARK: Gaps

    mutating func gapArrived() {
        guard case .answered(let after, let events) = self.gap else { return }
        self.gap = nil
        guard events.allSatisfy({ $0.epoch == self.epoch }) || self.mutant == .epochIgnored else {
            self.gapFailed()
            return self.verifyHead()
        }
        if self.mutant == .pageBelieved, let last = self.sequencer?.last, let first = events.first, first.seq != last + 1 {
            self.delivered += events
        }
        switch self.sequencer?.readCompleted(events, after: after) {
        case .deliver(let events, let next):
            self.delivered += events
            if let next { self.gap = .asked(after: next) }
        case .verifyHead:
            self.verification = .asked
        case .startOver: self.verifyHead()
        case nil: break
        }
    }

    mutating func gapFailed() {
        (self.gap, self.verification) = (nil, nil)
        self.sequencer?.readFailed()
        self.isRetryDue = true
    }

    mutating func verificationArrived() {
        guard case .answered(let seq, let epoch) = self.verification else { return }
        self.verification = nil
        guard epoch == self.epoch else { return self.reset(seq, epoch) }
        switch self.sequencer?.verified(head: seq) {
        case .read(let after): self.gap = .asked(after: after)
        case .startOver: self.reset(seq, epoch)
        case .wait, nil: break
        }
    }

    // MARK: Another history?

    private mutating func verifyHead() {
        guard let last = self.sequencer?.last, self.doubt == nil else {
            self.mustDoubtAgain = true
            return
        }
        self.doubt = Doubt(last: last)
        self.mustDoubtAgain = false
    }

    mutating func doubtSettled() {
        guard let doubt, case .answered(let seq, let epoch) = doubt.read else { return }
        self.doubt = nil
        let isOurs = epoch == self.epoch && seq >= doubt.last && self.sequencer?.isHopeless != true
        if doubt.isStale {
            self.mustDoubtAgain = self.mustDoubtAgain || epoch != self.epoch
        } else if !isOurs {
            self.reset(seq, epoch)
        }
        if epoch == self.epoch, self.mutant != .headUnheeded { self.announced = max(self.announced, seq) }
        if self.mustDoubtAgain { self.verifyHead() } else { self.catchUp() }
    }

    private mutating func reset(_ seq: Int64, _ epoch: Int8) {
        if epoch == self.epoch { self.announced = max(self.announced, self.sequencer?.known ?? 0) }
        self.startedOver += 1
        self.begin(seq, epoch)
        self.catchUp()
    }

    // MARK: PostgreSQL answers, from a snapshot of now

    mutating func answerGap(_ database: ModelDatabase) {
        guard case .asked(let after) = self.gap else { return }
        self.gap = .answered(after: after, database.page(after: after, limit: Self.pageSize))
    }

    mutating func answerJoining(_ database: ModelDatabase) {
        self.joining = .answered(seq: database.head, epoch: database.epoch)
    }

    mutating func answerVerification(_ database: ModelDatabase) {
        self.verification = .answered(seq: database.head, epoch: database.epoch)
    }

    mutating func answerDoubt(_ database: ModelDatabase) {
        self.doubt?.read = .answered(seq: database.head, epoch: database.epoch)
    }
}
