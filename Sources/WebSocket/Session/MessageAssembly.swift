import NIOCore

/// The message that is being received: what its fragments brought so far.
struct MessageAssembly: Sendable {
    let isText: Bool
    let isCompressed: Bool
    private(set) var fragments = 0
    private(set) var payload = ByteBuffer()
    private var utf8 = UTF8Validator()

    init(isText: Bool, isCompressed: Bool) {
        self.isText = isText
        self.isCompressed = isCompressed
    }

    /// Why the message can't be taken.
    enum Fault { case tooBig, tooManyFragments }

    /// Counts a further fragment in, as soon as its length is known.
    mutating func begin(fragmentOf length: Int, limits: SessionLimits) -> Fault? {
        self.fragments += 1
        if self.fragments > limits.maxFragments { return .tooManyFragments }
        let limit = limits.maxWireBytes(compressed: self.isCompressed)
        return length > limit - self.payload.readableBytes ? .tooBig : nil
    }

    /// Takes `count` masked bytes from `source`. Memory follows what came, not what the header promised.
    /// - Returns: false when they can't be UTF-8, though they should.
    mutating func append(from source: inout ByteBuffer, count: Int, key: UInt32, offset: Int) -> Bool {
        let before = self.payload.readableBytes
        if before == 0 { self.payload.reserveCapacity(count) }
        self.payload.appendUnmasked(from: &source, count: count, key: key, offset: offset)
        guard self.isText && !self.isCompressed else { return true }
        return self.utf8.consume(self.payload, from: before)
    }

    /// Whether the text ends between characters.
    var endsWell: Bool { !self.isText || self.isCompressed || self.utf8.isComplete }
}
