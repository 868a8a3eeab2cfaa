/// How much one reply may hold before the server is taken for hostile or broken. Depth is bounded by hiredis itself (nine levels).
public struct RESPLimits: Sendable, Hashable {
    /// The most bytes one reply may have, all its strings together. Redis's own limit for one string is 512 MiB.
    public var replyBytes: Int
    /// The most elements one reply may have, all its arrays together.
    public var elements: Int

    /// 16 MiB and 1,048,576 elements, unless told otherwise.
    public init(replyBytes: Int = 16 << 20, elements: Int = 1 << 20) {
        self.replyBytes = replyBytes
        self.elements = elements
    }
}
