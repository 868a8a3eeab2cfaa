/// How much a text may ask of its reader.
public struct JSONLimits: Hashable, Sendable {
    /// How many arrays and objects may be open at once; `[]` is one deep. Never more than ``greatestDepth``.
    public let maxDepth: Int
    /// How long the whole text may be, in bytes.
    public let maxBytes: Int

    /// What the reader's own recursion is safe with on any thread.
    public static let greatestDepth = 512

    /// - Parameters:
    ///   - maxDepth: open arrays and objects at once, clamped to 0...``greatestDepth``; 0 allows scalars only.
    ///   - maxBytes: length of the text in bytes; 16 MiB unless told.
    public init(maxDepth: Int = 64, maxBytes: Int = 16 << 20) {
        self.maxDepth = min(max(maxDepth, 0), Self.greatestDepth)
        self.maxBytes = max(maxBytes, 0)
    }
}
