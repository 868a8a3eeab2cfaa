import Postgres

/// A transaction's statements that have not been sent yet, in their order.
struct StatementQueue: Sendable {
    private struct Entry: Sendable {
        var statement: SQL
        var slot: AnswerSlot?
    }

    private var entries: [Entry] = []
    /// Looks at the very first answer, until it has.
    private var check: (@Sendable (PostgresRows) throws -> Void)?
    /// Why nothing of this transaction may count.
    private(set) var refusal: (any Error)?
    /// Whether anything was sent.
    private(set) var isOpen = false
    /// Whether anything was handed over beside what every transaction begins with.
    private(set) var hasWork = false

    /// - Parameters:
    ///   - condition: what the transaction has to be sure of
    ///   - opening: what every transaction begins with
    init(_ condition: TransactionGuard?, opening: SQL) {
        if let condition {
            self.check = condition.check
            self.entries.append(Entry(statement: condition.question))
        }
        self.entries.append(Entry(statement: opening))
    }

    /// - Parameter slot: where its rows go, if anybody wants them
    mutating func add(_ statement: SQL, _ slot: AnswerSlot? = nil) {
        self.hasWork = true
        self.entries.append(Entry(statement: statement, slot: slot))
    }

    /// What was taken to be sent.
    struct Portion: Sendable {
        let statements: [SQL]
        fileprivate let slots: [AnswerSlot?]
        fileprivate let check: (@Sendable (PostgresRows) throws -> Void)?

        /// Puts each statement's rows where they are wanted. There may be more answers than the portion has statements.
        ///
        /// - Throws: what the transaction's guard throws
        func put(_ answers: [PostgresRows]) throws {
            if let check, let first = answers.first { try check(first) }
            for (slot, rows) in zip(self.slots, answers) { slot?.put(rows) }
        }
    }

    /// Takes everything, to be sent now.
    mutating func take() -> Portion {
        defer {
            self.entries = []
            self.check = nil
            self.isOpen = true
        }
        return Portion(statements: self.entries.map(\.statement), slots: self.entries.map(\.slot), check: self.check)
    }

    /// Nothing may be sent, nor committed, any more.
    mutating func refuse(_ error: any Error) {
        self.refusal = error
    }
}
