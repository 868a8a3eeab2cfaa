import JSON

/// A failure that somebody ordered for the next calls of a method.
struct Fault: Sendable, Hashable {
    /// nil: of every method.
    var method: String?
    var error: APIError
    /// How many more calls fail.
    var times: Int
}
