import Testing

/// What is promised about time is shown on a machine that does other things as well: one try that keeps a promise shows that the
/// server does; three that break it are no hiccup.
enum Promptly {
    /// How often it is tried.
    static let tries = 3

    /// One of the tries is over within the limit.
    ///
    /// - Parameter attempt: does it once, and returns how long the promised part took
    static func within(
        _ limit: Duration,
        sourceLocation: SourceLocation = #_sourceLocation,
        _ attempt: () async throws -> Duration
    ) async throws {
        var taken: [Duration] = []
        for _ in 0..<self.tries {
            taken.append(try await attempt())
            if let last = taken.last, last < limit { return }
        }
        Issue.record("not within \(limit) in any of \(self.tries) tries: \(taken)", sourceLocation: sourceLocation)
    }
}
