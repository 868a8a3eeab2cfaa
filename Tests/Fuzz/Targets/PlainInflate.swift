/// INFLATE (RFC 1951) of a message (RFC 7692 7.2.2), as the texts read: code by code, without zlib and without tables.
///
/// It is what `Inflater` is held against. And as it is instrumented, which zlib of the system is not, it is also what lets
/// a fuzzer notice that an input got further.
struct PlainInflate {
    /// What becomes of a message.
    enum Outcome: Equatable {
        case message([UInt8])
        case malformed
        case tooBig
    }

    private enum Fault: Error { case malformed, tooBig }

    private let bytes: [UInt8]
    private let limit: Int
    /// In bits.
    private var position = 0
    private var output: [UInt8] = []

    /// - Parameters:
    ///   - payload: without the `00 00 ff ff` that the sender left out
    ///   - limit: most bytes that may come out
    static func inflate(_ payload: some Collection<UInt8>, limit: Int) -> Outcome {
        var inflate = PlainInflate(bytes: payload + [0x00, 0x00, 0xFF, 0xFF], limit: limit)
        do throws(Fault) {
            try inflate.message(endingAt: payload.count * 8)
            return .message(inflate.output)
        } catch {
            return error == .tooBig ? .tooBig : .malformed
        }
    }

    private init(bytes: [UInt8], limit: Int) {
        self.bytes = bytes
        self.limit = limit
    }

    /// Blocks until the bytes are used up, with the sender's last four or, after a final block, without them.
    private mutating func message(endingAt end: Int) throws(Fault) {
        while true {
            let isFinal = try self.bits(1) == 1
            switch try self.bits(2) {
            case 0: try self.storedBlock()
            case 1: try self.block(.fixedLiterals, .fixedDistances)
            case 2: try self.dynamicBlock()
            default: throw .malformed
            }
            if isFinal { self.alignToByte() }
            if self.position == self.bytes.count * 8 || (isFinal && self.position == end) { return }
        }
    }

    // MARK: blocks

    private mutating func storedBlock() throws(Fault) {
        self.alignToByte()
        let length = try self.bits(16)
        guard try self.bits(16) == ~length & 0xFFFF else { throw .malformed }
        let begin = self.position >> 3
        let end = min(begin + length, self.bytes.count)
        try self.append(self.bytes[begin..<end])
        guard end - begin == length else { throw .malformed }
        self.position = end * 8
    }

    private mutating func dynamicBlock() throws(Fault) {
        let literals = try self.bits(5) + 257
        let distances = try self.bits(5) + 1
        let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15].prefix(try self.bits(4) + 4)
        guard literals <= 286, distances <= 30 else { throw .malformed }
        var codeLengths: [UInt8] = Array(repeating: 0, count: 19)
        for symbol in order { codeLengths[symbol] = UInt8(try self.bits(3)) }
        guard let code = PrefixCode(lengths: codeLengths[...]), code.isComplete else { throw .malformed }
        var lengths: [UInt8] = []
        while lengths.count < literals + distances {
            let symbol = try self.symbol(code)
            switch symbol {
            case ..<16: lengths.append(UInt8(symbol))
            case 16:
                guard let last = lengths.last else { throw .malformed }
                lengths += Array(repeating: last, count: try self.bits(2) + 3)
            case 17: lengths += Array(repeating: 0, count: try self.bits(3) + 3)
            default: lengths += Array(repeating: 0, count: try self.bits(7) + 11)
            }
        }
        guard lengths.count == literals + distances, lengths[256] != 0,
            let literalCode = PrefixCode(lengths: lengths[..<literals]), literalCode.mayBeUsed,
            let distanceCode = PrefixCode(lengths: lengths[literals...]), distanceCode.mayBeUsed
        else { throw .malformed }
        try self.block(literalCode, distanceCode)
    }

    private mutating func block(_ literals: PrefixCode, _ distances: PrefixCode) throws(Fault) {
        while true {
            let symbol = try self.symbol(literals)
            switch symbol {
            case ..<256: try self.append(CollectionOfOne(UInt8(symbol)))
            case 256: return
            case ..<286:
                let length = try self.length(symbol)
                try self.copy(length, from: try self.distance(try self.symbol(distances)))
            default: throw .malformed
            }
        }
    }

    /// 3.2.5: lengths of 3 to 258.
    private mutating func length(_ symbol: Int) throws(Fault) -> Int {
        if symbol < 265 { return symbol - 254 }
        if symbol == 285 { return 258 }
        let extra = (symbol - 261) / 4
        return 3 + (4 + (symbol - 265) % 4) << extra + (try self.bits(extra))
    }

    /// 3.2.5: distances of 1 to 32,768.
    private mutating func distance(_ symbol: Int) throws(Fault) -> Int {
        guard symbol < 30 else { throw .malformed }
        if symbol < 4 { return symbol + 1 }
        let extra = (symbol - 2) / 2
        return 1 + (2 + symbol % 2) << extra + (try self.bits(extra))
    }

    // MARK: small steps

    private mutating func append(_ bytes: some Collection<UInt8>) throws(Fault) {
        guard bytes.count <= self.limit - self.output.count else { throw .tooBig }
        self.output += bytes
    }

    /// So many bytes from so far back; what is copied may be copied again.
    private mutating func copy(_ length: Int, from distance: Int) throws(Fault) {
        guard distance <= self.output.count else { throw .malformed }
        let begin = self.output.count - distance
        let end = self.output.count + length
        while self.output.count < end {
            let count = min(self.output.count - begin, end - self.output.count)
            try self.append(Array(self.output[begin..<begin + count]))
        }
    }

    private mutating func alignToByte() { self.position = ((self.position + 7) >> 3) << 3 }

    /// A number of so many bits, its lowest one first.
    private mutating func bits(_ count: Int) throws(Fault) -> Int {
        var value = 0
        for place in 0..<count { value |= (try self.bit()) << place }
        return value
    }

    private mutating func bit() throws(Fault) -> Int {
        guard self.position < self.bytes.count << 3 else { throw .malformed }
        defer { self.position += 1 }
        return Int(self.bytes[self.position >> 3] &>> UInt8(truncatingIfNeeded: self.position & 7)) & 1
    }

    /// A symbol of a prefix code, whose first bit is the highest.
    private mutating func symbol(_ code: PrefixCode) throws(Fault) -> Int {
        var bits = 0
        for length in 1...15 {
            bits = bits << 1 | (try self.bit())
            if let symbol = code.symbol(bits, length: length) { return symbol }
        }
        throw .malformed
    }
}
