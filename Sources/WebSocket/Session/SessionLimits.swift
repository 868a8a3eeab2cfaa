/// What a session accepts from its peer.
public struct SessionLimits: Hashable, Sendable {
    /// Largest message in bytes, after inflating.
    public var maxMessageBytes: Int
    /// Most fragments of a message.
    public var maxFragments: Int
    /// Whether binary messages are taken.
    public var acceptsBinary: Bool

    /// All limits.
    public init(maxMessageBytes: Int, maxFragments: Int, acceptsBinary: Bool) {
        self.maxMessageBytes = maxMessageBytes
        self.maxFragments = maxFragments
        self.acceptsBinary = acceptsBinary
    }

    /// Most bytes of a message on the wire. DEFLATE may expand what doesn't compress, by 5 bytes in 65,535 and little more.
    func maxWireBytes(compressed: Bool) -> Int {
        compressed ? self.maxMessageBytes + self.maxMessageBytes >> 8 + 64 : self.maxMessageBytes
    }
}
