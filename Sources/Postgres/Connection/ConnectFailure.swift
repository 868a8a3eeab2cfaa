/// Makes an error of what libpq says when it can't connect. Asked to be verbose it names the SQLSTATE:
/// `connection to server at "127.0.0.1", port 5432 failed: FATAL:  28P01: password authentication failed …` and `LOCATION: …`.
struct ConnectFailure {
    let error: PostgresError

    init(libpqMessage: String, redaction: Redaction) {
        let lines = libpqMessage.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("LOCATION:") }
        var words = lines.joined(separator: " ").split(separator: " ").map(String.init)
        var state: SQLState?
        // a state stands between the severity's colon and the message
        if let index = words.indices.dropFirst().first(where: { words[$0 - 1].hasSuffix(":") && Self.isState(words[$0]) }) {
            state = SQLState(rawValue: String(words[index].dropLast()))
            words.remove(at: index)
        }
        var error = PostgresError(.connectionFailed, redaction.scrub(words.joined(separator: " ")))
        error.sqlState = state
        self.error = error
    }

    private static func isState(_ word: String) -> Bool {
        let bytes = Array(word.utf8)
        return bytes.count == 6 && bytes[5] == UInt8(ascii: ":")
            && bytes[..<5].allSatisfy {
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0
            }
            // the severities FATAL and PANIC have five letters too; a state has a digit
            && bytes[..<5].contains { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }
}
