/// In what pieces a wire's bytes arrive: sizes that follow from a seed alone (splitmix64), so that an input means one thing.
struct Cuts {
    private var state: UInt64
    private let largest: UInt64

    /// - Parameters:
    ///   - seed: its two lowest bits choose between single bytes and longer pieces
    ///   - count: of the whole wire; a long one is cut into some hundred pieces at most
    init(seed: UInt8, count: Int) {
        self.state = UInt64(seed)
        let largest: UInt64 = [1, 3, 14, 200][Int(seed & 3)]
        self.largest = max(largest, UInt64(count / 256))
    }

    /// The size of the next piece: 1 or more.
    mutating func next() -> Int {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var value = self.state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return 1 + Int((value ^ (value >> 31)) % self.largest)
    }
}
