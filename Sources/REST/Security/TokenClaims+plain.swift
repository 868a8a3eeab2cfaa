extension TokenClaims {
    /// Reads claims that are written to the byte as we write them; nil for all others, which the JSON parser has the last word about.
    ///
    /// Every handshake and every request brings such a token: this takes a tenth of what a tree of JSON values takes. What it does
    /// read, it reads as the parser does (a test compares the two).
    init?(plain bytes: Span<UInt8>) {
        var reader = PlainClaimsReader()
        guard reader.skip(#"{"sub":""#, bytes), let userID = reader.number(bytes),
            reader.skip(#"","exp":"#, bytes), let expiresAt = reader.number(bytes),
            reader.skip(#","iat":"#, bytes), let issuedAt = reader.number(bytes), reader.skip(#","type":""#, bytes)
        else { return nil }
        let type: Kind
        if reader.skip(#"access""#, bytes) {
            type = .access
        } else if reader.skip(#"refresh""#, bytes) {
            type = .refresh
        } else {
            return nil
        }
        guard reader.skip(#","sid":""#, bytes), let sessionID = reader.number(bytes), reader.skip(#""}"#, bytes),
            reader.index == bytes.count, max(issuedAt, expiresAt) <= Self.latest
        else { return nil }
        self.init(userID: userID, sessionID: sessionID, type: type, issuedAt: issuedAt, expiresAt: expiresAt)
    }
}

/// A position in a token's payload.
private struct PlainClaimsReader {
    private(set) var index = 0

    mutating func skip(_ text: StaticString, _ bytes: Span<UInt8>) -> Bool {
        let (count, expected) = (text.utf8CodeUnitCount, unsafe text.utf8Start)
        guard self.index + count <= bytes.count else { return false }
        for offset in 0..<count where unsafe bytes[self.index + offset] != expected[offset] { return false }
        self.index += count
        return true
    }

    /// A positive number without a needless zero, of at most 18 digits: none of them is too large.
    mutating func number(_ bytes: Span<UInt8>) -> Int64? {
        let start = self.index
        var value: Int64 = 0
        while self.index < bytes.count, (0x30...0x39).contains(bytes[self.index]) {
            guard self.index < start + 18 else { return nil }
            value = value * 10 + Int64(bytes[self.index] - 0x30)
            self.index += 1
        }
        return self.index > start && bytes[start] != 0x30 ? value : nil
    }
}
