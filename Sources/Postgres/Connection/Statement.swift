import Glibc

/// A statement ready to be sent.
struct Statement: Sendable {
    let key: StatementKey
    let parameters: [PostgresParameter]
    private let holdsZeroByte: Bool

    init(_ sql: SQL) {
        self.key = StatementKey(sql)
        self.parameters = sql.parameters
        self.holdsZeroByte = sql.holdsZeroByte
    }

    /// - Throws: `.encoding` when a text has a zero byte, which no text of PostgreSQL may hold and at which libpq would cut it.
    func check() throws(PostgresError) {
        for (index, parameter) in self.parameters.enumerated() {
            if case .text(let text) = parameter.value, text.holdsZeroByte {
                throw PostgresError(
                    .encoding,
                    "the text of parameter $\(index + 1) holds a zero byte, which PostgreSQL can't store"
                )
            }
        }
        guard !self.holdsZeroByte else {
            throw PostgresError(.encoding, "the statement holds a zero byte")
        }
        guard self.parameters.count <= Int(UInt16.max) else {
            throw PostgresError(.encoding, "the statement has \(self.parameters.count) parameters, 65,535 are allowed")
        }
    }
}

extension String {
    /// Whether there is a zero byte in it. Every text that is bound is asked this.
    var holdsZeroByte: Bool {
        let isFound = unsafe self.utf8.withContiguousStorageIfAvailable { bytes in
            guard let start = bytes.baseAddress else { return false }
            return unsafe memchr(start, 0, bytes.count) != nil
        }
        return isFound ?? self.utf8.contains(0)
    }
}
