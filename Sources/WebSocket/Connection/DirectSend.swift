import Glibc
import NIOCore

/// Writes past NIO's outbound path, straight to the kernel. Tests put a narrower socket in its place.
///
/// NIO's write path costs about as much again as the kernel's send of a small frame. What makes this safe: only on the event
/// loop, only for plain TCP, and only while NIO holds no unsent byte of the socket; whatever the kernel does not take at once
/// goes to NIO, which then waits for the socket as always, and finds any error by itself.
struct DirectSend {
    /// The socket of a channel that has one.
    ///
    /// Asked once for a connection. The descriptor stays right for as long as the channel is active: NIO closes it and ends `isActive` in one go, on the event
    /// loop, with nobody called in between.
    var descriptor: (any Channel) -> CInt?

    /// Sends what the socket takes without waiting.
    /// - Returns: How many bytes it took; 0 also when it took none because of an error.
    var send: (ByteBuffer, _ descriptor: CInt) -> Int

    /// How many bytes the kernel holds that the peer's TCP has not taken (SIOCOUTQ).
    var unsent: (_ descriptor: CInt) -> Int = { _ in 0 }

    /// Makes room in the kernel for a little more than the socket would take, once.
    var widen: (_ descriptor: CInt) -> Void = { _ in }

    /// Bounds what the kernel holds of ours for a peer that does not read (SO_SNDBUF, which it doubles).
    var limit: (_ descriptor: CInt, _ bytes: Int) -> Void = { _, _ in }

    /// Bytes of ours that the peer's TCP has not taken, with NIO or with the kernel.
    func untaken(_ channel: any Channel, _ descriptor: CInt?) -> Int {
        let inNIO = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        guard let descriptor, channel.isActive else { return inNIO }
        return inNIO + self.unsent(descriptor)
    }

    private static func descriptor<Core: NIOTransportAccessibleChannelCore>(of core: Core) -> CInt? {
        guard Core.Transport.self == CInt.self else { return nil }
        return try? core.withUnsafeTransport { $0 as? CInt }
    }

    /// The operating system's.
    static var kernel: DirectSend {
        DirectSend(
            descriptor: { channel in
                // What the pipeline's `withUnsafeTransportIfAvailable` does, but without its cast to a parameterised
                // existential, which takes longer than a send: the transport's type is asked instead.
                let core = channel._channelCore as? any NIOTransportAccessibleChannelCore
                return core.flatMap { Self.descriptor(of: $0) }
            },
            send: { buffer, descriptor in
                let flags = CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL)
                return unsafe buffer.withUnsafeReadableBytes { bytes in
                    max(0, unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, flags))
                }
            },
            unsent: { descriptor in
                var count: CInt = 0
                return unsafe ioctl(descriptor, UInt(TIOCOUTQ), &count) == 0 ? Int(count) : 0
            },
            widen: { descriptor in
                var (size, length) = (CInt(0), socklen_t(MemoryLayout<CInt>.size))
                guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, &length) == 0 else { return }
                // The kernel answers with twice what was asked for: twice the answer is four times the room, enough for a whole
                // ring of events that NIO may hold.
                size *= 2
                _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, length)
            },
            limit: { descriptor, bytes in
                var size = CInt(clamping: bytes)
                _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &size, socklen_t(MemoryLayout<CInt>.size))
            }
        )
    }
}
