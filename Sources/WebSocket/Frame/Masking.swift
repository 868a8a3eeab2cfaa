import NIOCore

extension ByteBuffer {
    /// Moves `count` bytes from the front of `source` to the end of this buffer, unmasking them on the way (RFC 6455 5.3).
    ///
    /// A copy and not in place: the channel's receive buffer is shared with its pool, so that writing into it would copy all
    /// of it, and keeping a slice of it would pin it for as long as the message lives.
    ///
    /// - Parameters:
    ///   - source: At least `count` readable bytes.
    ///   - count: How many to take.
    ///   - key: The masking key, its first byte lowest.
    ///   - offset: How many bytes of the frame's payload came before.
    mutating func appendUnmasked(from source: inout ByteBuffer, count: Int, key: UInt32, offset: Int) {
        let turn = UInt32(offset & 3) * 8
        let turned = turn == 0 ? key : key >> turn | key << (32 - turn)
        let wide = (UInt64(turned) | UInt64(turned) << 32).littleEndian
        unsafe self.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
            unsafe source.readWithUnsafeReadableBytes { bytes in
                var index = 0
                while index + 8 <= count {
                    let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    unsafe target.storeBytes(of: word ^ wide, toByteOffset: index, as: UInt64.self)
                    index += 8
                }
                while index < count {
                    unsafe target[index] = unsafe bytes[index] ^ UInt8(truncatingIfNeeded: turned >> (UInt32(index & 3) * 8))
                    index += 1
                }
                return count
            }
            return count
        }
    }
}
