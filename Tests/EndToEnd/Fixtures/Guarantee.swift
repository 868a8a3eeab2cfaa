import Support

/// What `scripts/lib/guarantee.sql` counts on a database.
struct Guarantee: CustomStringConvertible {
    /// The lines as it prints them.
    let description: String
    /// What is counted, and how often it was found.
    let counts: [String: Int]

    /// - Parameter change: what is done before, and undone behind it
    static func count(_ database: Database, after change: String? = nil) async throws -> Guarantee {
        let begin = change.map { ["--command", "BEGIN", "--command", $0] } ?? []
        let end = change == nil ? [] : ["--command", "ROLLBACK"]
        let output = try await blocking {
            try Shell.run(
                [
                    "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator", ": ", "--set",
                    "ON_ERROR_STOP=1", "--dbname", database.url,
                ] + begin + ["--file", "scripts/lib/guarantee.sql"] + end
            )
        }
        var counts: [String: Int] = [:]
        for line in output.split(separator: "\n") {
            guard let separator = line.lastIndex(of: ":"), let count = Int(line[separator...].dropFirst(2)) else {
                throw Unexpected("no count: \(line)")
            }
            counts[String(line[..<separator])] = count
        }
        return Guarantee(description: output, counts: counts)
    }

    /// What is not 0.
    var broken: [String: Int] { self.counts.filter { $0.value != 0 } }
}
