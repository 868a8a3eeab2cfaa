public import NIOCore

/// What has been written to a connection and its peer's TCP has not taken.
public enum UntakenBytes {
    /// How many bytes those are, with NIO and with the kernel. On the channel's event loop.
    public static func count(_ channel: any Channel) -> Int {
        let inNIO = (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        let kernel = DirectSend.kernel
        guard channel.isActive, let descriptor = kernel.descriptor(channel) else { return inNIO }
        return inNIO + kernel.unsent(descriptor)
    }
}
