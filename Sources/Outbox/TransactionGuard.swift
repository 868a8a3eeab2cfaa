public import Postgres

/// What a transaction has to be sure of: a question that travels with its first statements, and what is made of the answer
/// before any other answer counts. Nothing is committed without it.
public struct TransactionGuard: Sendable {
    let question: SQL
    let check: @Sendable (PostgresRows) throws -> Void

    /// - Parameters:
    ///   - question: a statement that changes nothing
    ///   - check: throws what the transaction then throws, rolled back
    public init(_ question: SQL, _ check: @escaping @Sendable (PostgresRows) throws -> Void) {
        self.question = question
        self.check = check
    }
}
