/// A JSON document as text, unparsed: `jsonb` when bound, `jsonb` or `json` when read.
///
/// `jsonb` normalises: keys come back sorted by length and then bytes, without duplicates, with one space after `:` and `,`.
public struct PostgresJSON: Sendable, Hashable, PostgresEncodable, PostgresDecodable {
    /// The document.
    public var text: String

    /// A document; the server refuses what isn't JSON (SQLSTATE 22P02).
    public init(text: String) {
        self.text = text
    }

    /// `jsonb`
    public static var postgresType: PostgresType { .jsonb }
    /// The document as `jsonb`.
    public var postgresParameter: PostgresParameter { .text(self.text, type: .jsonb) }
    /// Reads `jsonb` and `json`.
    public init(postgres cell: PostgresCell) throws(PostgresError) {
        guard cell.type == .jsonb || cell.type == .json else { throw cell.mismatch(PostgresJSON.self) }
        self.text = try String(postgres: cell)
    }
}
