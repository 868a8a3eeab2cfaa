/// PostgreSQL's five-character error code: a class of two characters and a condition of three (SQL:2011, 24.1).
///
/// A class's own code (`23000`) matches all of its members in a `switch`:
///
///     switch error.sqlState {
///     case .exclusionViolation?: …             // 23P01 only
///     case .integrityConstraintViolation?: …   // 23xxx
///     default: …
///     }
public struct SQLState: RawRepresentable, Hashable, Sendable {
    /// The five characters.
    public let rawValue: String

    /// A state by its five characters.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The state that stands for the whole class: `23000` for `23505`.
    public var `class`: SQLState { SQLState(rawValue: self.rawValue.prefix(2) + "000") }

    /// Whether the state is the pattern, or a member of the class that the pattern stands for.
    public static func ~= (pattern: SQLState, state: SQLState) -> Bool {
        pattern == state || pattern == state.class
    }
}

extension SQLState: CustomStringConvertible {
    /// The five characters.
    public var description: String { self.rawValue }
}

extension SQLState {
    /// Class 08: the connection failed.
    public static let connectionException = SQLState(rawValue: "08000")
    /// Class 0A: not supported here.
    public static let featureNotSupported = SQLState(rawValue: "0A000")
    /// Class 22: a value is out of range, malformed, …
    public static let dataException = SQLState(rawValue: "22000")
    /// 22001: a string is too long for its column.
    public static let stringDataRightTruncation = SQLState(rawValue: "22001")
    /// 22003: a number is out of range.
    public static let numericValueOutOfRange = SQLState(rawValue: "22003")
    /// 22021: bytes that are no character in the encoding.
    public static let characterNotInRepertoire = SQLState(rawValue: "22021")
    /// 22P02: text that is no value of its type.
    public static let invalidTextRepresentation = SQLState(rawValue: "22P02")
    /// Class 23: a constraint was violated.
    public static let integrityConstraintViolation = SQLState(rawValue: "23000")
    /// 23502: NULL where none may be.
    public static let notNullViolation = SQLState(rawValue: "23502")
    /// 23503: the row referred to does not exist, or is still referred to.
    public static let foreignKeyViolation = SQLState(rawValue: "23503")
    /// 23505: there is such a row already.
    public static let uniqueViolation = SQLState(rawValue: "23505")
    /// 23514: a CHECK failed.
    public static let checkViolation = SQLState(rawValue: "23514")
    /// 23P01: an EXCLUDE constraint failed: two ranges overlap.
    public static let exclusionViolation = SQLState(rawValue: "23P01")
    /// 25001: the statement can't run inside a transaction.
    public static let activeSQLTransaction = SQLState(rawValue: "25001")
    /// 25006: a write in a read-only transaction, or on a standby.
    public static let readOnlySQLTransaction = SQLState(rawValue: "25006")
    /// 25P02: an earlier statement of the transaction failed.
    public static let inFailedSQLTransaction = SQLState(rawValue: "25P02")
    /// 26000: no prepared statement of that name.
    public static let invalidSQLStatementName = SQLState(rawValue: "26000")
    /// Class 28: the server refuses the login, by its rules of who may come from where or for want of such a role.
    public static let invalidAuthorization = SQLState(rawValue: "28000")
    /// 28P01: wrong password.
    public static let invalidPassword = SQLState(rawValue: "28P01")
    /// 3D000: no such database.
    public static let invalidCatalogName = SQLState(rawValue: "3D000")
    /// Class 40: the transaction was rolled back.
    public static let transactionRollback = SQLState(rawValue: "40000")
    /// 40001: the transaction can't be put in an order with others; run it again.
    public static let serializationFailure = SQLState(rawValue: "40001")
    /// 40P01: two transactions waited for each other; run it again.
    public static let deadlockDetected = SQLState(rawValue: "40P01")
    /// Class 42: the statement is wrong, or not allowed.
    public static let syntaxErrorOrAccessRuleViolation = SQLState(rawValue: "42000")
    /// 42501: not allowed.
    public static let insufficientPrivilege = SQLState(rawValue: "42501")
    /// 42601: the statement doesn't parse.
    public static let syntaxError = SQLState(rawValue: "42601")
    /// 42703: no such column.
    public static let undefinedColumn = SQLState(rawValue: "42703")
    /// 42P01: no such table.
    public static let undefinedTable = SQLState(rawValue: "42P01")
    /// 42P04: there is such a database already.
    public static let duplicateDatabase = SQLState(rawValue: "42P04")
    /// 42P07: there is such a table already.
    public static let duplicateTable = SQLState(rawValue: "42P07")
    /// 42P18: a parameter's type can't be inferred: write a cast.
    public static let indeterminateDatatype = SQLState(rawValue: "42P18")
    /// Class 53: the server ran out of something.
    public static let insufficientResources = SQLState(rawValue: "53000")
    /// 53300: no connection slot is free.
    public static let tooManyConnections = SQLState(rawValue: "53300")
    /// 55P03: a lock was not free (NOWAIT, lock_timeout).
    public static let lockNotAvailable = SQLState(rawValue: "55P03")
    /// 57014: the statement was cancelled.
    public static let queryCanceled = SQLState(rawValue: "57014")
    /// 57P01: the server is being stopped, or the session was terminated.
    public static let adminShutdown = SQLState(rawValue: "57P01")
    /// 57P02: another server process crashed.
    public static let crashShutdown = SQLState(rawValue: "57P02")
    /// 57P03: the server is starting up, stopping, or recovering.
    public static let cannotConnectNow = SQLState(rawValue: "57P03")
}
