import Postgres
import Synchronization

/// An answer that somebody will ask for: to a statement that travels with others, or one that was known before.
public struct Awaited<Value: Sendable>: Sendable {
    private let answer: @Sendable () async throws -> Value

    init(_ answer: @escaping @Sendable () async throws -> Value) {
        self.answer = answer
    }

    /// One for which nobody has to be asked.
    public init(known value: Value) {
        self.init { value }
    }

    /// The answer. If its statement has not been sent yet, it is sent now, with all that were handed over before and after it.
    ///
    /// - Throws: ``PostgresError`` of whichever of these failed first, and what reading the answer throws
    public func get() async throws -> Value {
        try await self.answer()
    }

    /// The same answer in another form.
    public func map<Other: Sendable>(_ transform: @escaping @Sendable (Value) throws -> Other) -> Awaited<Other> {
        Awaited<Other> { try transform(try await self.get()) }
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
