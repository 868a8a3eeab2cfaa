import NIOCore

/// Checks UTF-8 (RFC 3629) in pieces of any size and fails at the first byte that can't be right.
///
/// Overlong forms, surrogates and values above U+10FFFF are refused by narrowing the range of the second byte.
struct UTF8Validator: Sendable {
    private var missing: UInt8 = 0
    private var lower: UInt8 = 0x80
    private var upper: UInt8 = 0xBF

    /// Whether the bytes so far end between characters.
    var isComplete: Bool { self.missing == 0 }

    /// Whether the buffer is a complete valid text.
    static func isValid(_ buffer: ByteBuffer) -> Bool {
        var validator = UTF8Validator()
        return validator.consume(buffer, from: 0) && validator.isComplete
    }

    /// Takes the readable bytes of a buffer from an offset on.
    /// - Returns: false once the bytes can't be the beginning of any valid text; the validator is of no use then.
    mutating func consume(_ buffer: ByteBuffer, from offset: Int) -> Bool {
        unsafe buffer.withUnsafeReadableBytes { bytes in
            unsafe self.consume(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
        }
    }

    private mutating func consume(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var index = 0
        let count = bytes.count
        while index < count {
            if self.missing == 0 {
                while index + 8 <= count,
                    unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
                {
                    index += 8
                }
                guard index < count else { break }
            }
            guard self.consume(unsafe bytes[index]) else { return false }
            index += 1
        }
        return true
    }

    private mutating func consume(_ byte: UInt8) -> Bool {
        if self.missing > 0 {
            guard byte >= self.lower && byte <= self.upper else { return false }
            self.missing -= 1
            self.lower = 0x80
            self.upper = 0xBF
            return true
        }
        switch byte {
        case 0x00...0x7F: return true
        case 0xC2...0xDF: self.missing = 1
        case 0xE0...0xEF:
            self.missing = 2
            if byte == 0xE0 { self.lower = 0xA0 }
            if byte == 0xED { self.upper = 0x9F }
        case 0xF0...0xF4:
            self.missing = 3
            if byte == 0xF0 { self.lower = 0x90 }
            if byte == 0xF4 { self.upper = 0x8F }
        default: return false
        }
        return true
    }
}
