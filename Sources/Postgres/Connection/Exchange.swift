/// Statements that were sent in one pipeline, and what has come back of them so far.
struct Exchange {
    /// One message of a pipeline to which the server gives an answer of its own.
    enum Step {
        case deallocate(name: String)
        case prepare(StatementKey)
        /// A statement whose rows are wanted.
        case execute
        /// BEGIN or COMMIT, whose tag is all there is to see.
        case control(expecting: String)
    }

    private let steps: [Step]
    private var position = 0
    /// What came for the step that is being answered.
    private var answer: LibPQResult?

    private(set) var rows: [PostgresRows] = []
    /// The first one; what comes behind it was not run.
    private(set) var failure: PostgresError?
    /// Whether a part is still to be sent, as soon as the socket takes it.
    var isUnsent: Bool
    var watch: StatementWatch
    var cancellation: CancelDelivery?

    init(_ steps: [Step], isUnsent: Bool, _ watch: StatementWatch) {
        self.steps = steps
        self.isUnsent = isUnsent
        self.watch = watch
        self.rows.reserveCapacity(steps.count)
    }

    /// The step that is being answered; nil when only the pipeline's end is awaited.
    var next: Step? { self.position < self.steps.count ? self.steps[self.position] : nil }

    mutating func answer(_ result: LibPQResult) {
        self.answer = result
    }

    mutating func fail(_ error: PostgresError) {
        self.failure = self.failure ?? error
    }

    /// All has come that belongs to the step.
    /// - Returns: whether the server has done it
    mutating func closeStep() -> Bool {
        let answer = self.answer
        switch self.steps[self.position] {
        case .execute:
            if let answer { self.rows.append(PostgresRows(answer)) }
        case .control(let tag):
            // COMMIT of a failed transaction answers ROLLBACK and is no error to the server
            if let answer, answer.commandTag != tag {
                self.fail(PostgresError(.transactionEnded, "the server answered \(answer.commandTag) to \(tag)"))
            }
        case .prepare, .deallocate:
            break
        }
        self.answer = nil
        self.position += 1
        return answer != nil
    }
}
