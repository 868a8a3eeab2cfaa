/// Why something that a person or a test asks of the sandbox cannot be done.
struct ControlError: Error, Sendable, Hashable {
    /// The HTTP status.
    var status: Int
    var message: String

    init(_ status: Int, _ message: String) {
        self.status = status
        self.message = message
    }
}
