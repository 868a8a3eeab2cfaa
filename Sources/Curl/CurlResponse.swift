/// What a server answered, whatever its status: a redirection is an answer too, and never followed.
public struct CurlResponse: Sendable, Hashable {
    /// The HTTP status, such as 200.
    public var status: Int
    /// The body; at most the request's `maxAnswerBytes`.
    public var body: [UInt8]
    /// What the header `Retry-After` asks for, rounded to seconds; nil without one.
    public var retryAfter: Duration?

    /// An answer; see the properties.
    public init(status: Int, body: [UInt8], retryAfter: Duration? = nil) {
        self.status = status
        self.body = body
        self.retryAfter = retryAfter
    }
}
