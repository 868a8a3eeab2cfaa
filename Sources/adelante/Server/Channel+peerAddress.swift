import NIOCore

extension Channel {
    /// The other end's IP address as text, without its port.
    var peerAddress: String? {
        guard let address = self.remoteAddress, address.protocol == .inet else { return self.remoteAddress?.ipAddress }
        // NIO asks the C library, which prints one with `sprintf`; this is asked for every socket that comes.
        return unsafe address.withSockAddr { pointer, _ in
            // sockaddr_in: family, port, then the address, the highest byte first.
            let number = unsafe UInt32(bigEndian: UnsafeRawPointer(pointer).load(fromByteOffset: 4, as: UInt32.self))
            return Self.text(ofIPv4: number)
        }
    }

    /// `127.0.0.1`, without the four strings of an interpolation.
    private static func text(ofIPv4 address: UInt32) -> String {
        unsafe String(unsafeUninitializedCapacity: 15) { text in
            var count = 0
            func write(_ digit: UInt32) {
                unsafe text[count] = UInt8(0x30 + digit)
                count += 1
            }
            for shift: UInt32 in [24, 16, 8, 0] {
                if shift < 24 {
                    unsafe text[count] = UInt8(ascii: ".")
                    count += 1
                }
                let byte = address >> shift & 0xFF
                if byte >= 100 { write(byte / 100) }
                if byte >= 10 { write(byte / 10 % 10) }
                write(byte % 10)
            }
            return count
        }
    }
}
