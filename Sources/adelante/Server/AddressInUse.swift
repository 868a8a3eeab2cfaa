import Glibc
import NIOCore

/// Whether somebody listens on an address already.
///
/// Sockets that share a port (SO_REUSEPORT) share it with another process of the same user too, and two servers would each have
/// half of the clients. A socket that shares with nobody is told.
enum AddressInUse {
    /// - Throws: `IOError` with the system's reason if the address cannot be bound.
    static func check(_ address: SocketAddress) throws {
        let descriptor = socket(CInt(address.protocol.rawValue), CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw IOError(errnoCode: errno, reason: "socket") }
        defer { close(descriptor) }
        var yes: CInt = 1
        // Connections of an earlier server that still end are nobody who listens.
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
        let result = unsafe address.withSockAddr { pointer, size in unsafe bind(descriptor, pointer, socklen_t(size)) }
        guard result == 0 else { throw IOError(errnoCode: errno, reason: "bind") }
    }
}
