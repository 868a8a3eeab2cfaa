import Glibc
import NIOCore

/// A write past NIO's outbound path, straight to the kernel.
///
/// NIO's write path costs about as much again as the kernel's send of a small frame. What makes this safe: only on the event
/// loop, only for plain TCP, and only while NIO holds no unsent byte of the socket; whatever the kernel does not take at once
/// goes to NIO, which then waits for the socket as always, and finds any error by itself.
enum DirectSend {
    /// Sends what the kernel takes without waiting.
    /// - Returns: How many bytes it took; 0 also when it took none because of an error; nil if the channel is no open socket.
    static func send(_ buffer: ByteBuffer, on channel: any Channel) -> Int? {
        guard channel.isActive else { return nil }
        let sent = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { descriptor in
            unsafe buffer.withUnsafeReadableBytes { bytes in
                unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL))
            }
        }
        return sent.flatMap { $0 }.map { max(0, $0) }
    }
}
