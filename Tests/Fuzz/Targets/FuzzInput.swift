/// An input that is read from its front: first what it decides, then what is tried.
struct FuzzInput {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isEmpty: Bool { self.position == self.bytes.count }

    /// The next byte; zero when there is none, so that short inputs mean something too.
    mutating func byte() -> UInt8 {
        guard !self.isEmpty else { return 0 }
        defer { self.position += 1 }
        return self.bytes[self.position]
    }

    /// The next bytes, as many as there are of those asked for.
    mutating func bytes(_ count: Int) -> ArraySlice<UInt8> {
        let end = min(self.position + count, self.bytes.count)
        defer { self.position = end }
        return self.bytes[self.position..<end]
    }

    /// All that is left.
    mutating func rest() -> ArraySlice<UInt8> { self.bytes(self.bytes.count) }
}
