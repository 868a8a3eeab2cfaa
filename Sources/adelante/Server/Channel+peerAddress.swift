import NIOCore

extension Channel {
    /// The other end's IP address as text, without its port.
    var peerAddress: String? {
        guard let address = self.remoteAddress, address.protocol == .inet else { return self.remoteAddress?.ipAddress }
        // NIO asks the C library, which prints one with `sprintf`; this is asked for every socket that comes.
        return unsafe address.withSockAddr { pointer, _ in
            // sockaddr_in: family, port, then the address, the highest byte first.
            let number = unsafe UInt32(bigEndian: UnsafeRawPointer(pointer).load(fromByteOffset: 4, as: UInt32.self))
            return "\(number >> 24).\(number >> 16 & 0xFF).\(number >> 8 & 0xFF).\(number & 0xFF)"
        }
    }
}
