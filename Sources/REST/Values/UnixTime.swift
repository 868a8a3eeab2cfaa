import Hub

/// Seconds since 1970 UTC, as tokens count them.
enum UnixTime {
    static func now() -> Int64 {
        Timestamp.now() / 1_000_000
    }
}
