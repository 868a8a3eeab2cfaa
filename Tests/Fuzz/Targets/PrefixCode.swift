/// A canonical prefix code (RFC 1951 3.2.2).
struct PrefixCode {
    /// For each length, the code behind its last one, and how many symbols have a code up to that length.
    private var end = [Int](repeating: 0, count: 16)
    private var place = [Int](repeating: 0, count: 16)
    private var symbols: [Int] = []
    /// How many codes of 15 bits remain unused.
    private let unused: Int

    static let fixedLiterals = Self(
        unchecked: Array(repeating: 8, count: 144) + Array(repeating: 9, count: 112) + Array(repeating: 7, count: 24)
            + Array(repeating: 8, count: 8)
    )
    static let fixedDistances = Self(unchecked: Array(repeating: 5, count: 32))

    /// - Parameter lengths: of each symbol's code in bits, zero if it has none
    /// - Returns: nil when there are not so many codes
    init?(lengths: ArraySlice<UInt8>) {
        var counts = [Int](repeating: 0, count: 16)
        for length in lengths { counts[Int(length)] += 1 }
        var unused = 1 << 15
        var code = 0
        for length in 1...15 {
            unused -= counts[length] << (15 - length)
            guard unused >= 0 else { return nil }
            code += counts[length]
            self.end[length] = code
            self.place[length] = self.place[length - 1] + counts[length]
            code <<= 1
        }
        self.unused = unused
        self.symbols = Array(repeating: 0, count: self.place[15])
        var next = [0] + self.place
        for (symbol, length) in lengths.enumerated() where length > 0 {
            self.symbols[next[Int(length)]] = symbol
            next[Int(length)] += 1
        }
    }

    private init(unchecked lengths: [UInt8]) {
        guard let code = Self(lengths: lengths[...]) else { preconditionFailure("The fixed codes of RFC 1951 are codes") }
        self = code
    }

    /// Whether every sequence of bits means something.
    var isComplete: Bool { self.unused == 0 }

    /// Whether a block may use it: complete, or without any code, or with a single one of one bit (3.2.7).
    var mayBeUsed: Bool { self.isComplete || self.place[1] == self.symbols.count }

    /// The symbol of these bits, if no shorter code begins them and a code of this length is theirs.
    func symbol(_ bits: Int, length: Int) -> Int? {
        bits < self.end[length] ? self.symbols[self.place[length] - (self.end[length] - bits)] : nil
    }
}
