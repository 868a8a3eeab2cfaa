import Postgres
import Synchronization

/// An answer that somebody will ask for: to a statement that travels with others, or one that was known before.
///
/// What it holds is no `async` closure: whoever asks for an answer that is there has it at once, where they are.
public struct Awaited<Value: Sendable>: Sendable {
    // Weak: the unit keeps what its events wait for.
    private weak let unit: UnitOfWork?
    /// Nil until the statement was answered.
    private let answer: @Sendable () throws -> Value?

    init(from unit: UnitOfWork?, _ answer: @escaping @Sendable () throws -> Value?) {
        (self.unit, self.answer) = (unit, answer)
    }

    /// One for which nobody has to be asked.
    public init(known value: Value) {
        self.init(from: nil) { value }
    }

    /// The answer. If its statement has not been sent yet, it is sent now, with all that were handed over before and after it.
    ///
    /// - Throws: ``PostgresError`` of whichever of these failed first, and what reading the answer throws
    public func get() async throws -> Value {
        if let value = try self.answer() { return value }
        guard let unit = self.unit else { throw PostgresError(.transactionEnded, "the transaction has ended") }
        try await unit.send()
        guard let value = try self.answer() else { preconditionFailure("Two tasks cannot work on one transaction") }
        return value
    }

    /// The same answer in another form.
    public func map<Other: Sendable>(_ transform: @escaping @Sendable (Value) throws -> Other) -> Awaited<Other> {
        let answer = self.answer
        return Awaited<Other>(from: self.unit) { try answer().map(transform) }
    }
}

/// Where the rows of a statement are put that was sent together with others.
final class AnswerSlot: Sendable {
    private let kept = Mutex<PostgresRows?>(nil)

    /// The rows, once they are there.
    var rows: PostgresRows? { self.kept.withLock { $0 } }

    func put(_ rows: PostgresRows) {
        self.kept.withLock { $0 = rows }
    }
}
