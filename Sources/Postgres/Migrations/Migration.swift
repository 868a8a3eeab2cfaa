/// One step in the making of a schema: a script of SQL, applied once.
public struct Migration: Sendable, Hashable {
    /// Its place in the order; unique.
    public let number: Int
    /// What it does, in a few words.
    public let name: String
    /// Any number of statements, without BEGIN and COMMIT: they are run in one transaction.
    public let sql: String

    /// A migration.
    public init(number: Int, name: String, sql: String) {
        self.number = number
        self.name = name
        self.sql = sql
    }

    /// A migration whose file is named by its number: `0001_people.sql`, `0012-events.sql`. Nil when the name has no number.
    public init?(fileName: String, sql: String) {
        let stem = fileName.hasSuffix(".sql") ? fileName.dropLast(4) : fileName[...]
        let digits = stem.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int(digits) else { return nil }
        let name = stem.dropFirst(digits.count).drop { $0 == "_" || $0 == "-" || $0 == " " }
        self.init(number: number, name: String(name), sql: sql)
    }
}

extension Migration: CustomStringConvertible {
    /// `12 events`
    public var description: String { "\(self.number) \(self.name)" }
}
