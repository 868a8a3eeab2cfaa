public import NIOCore

/// What has been written to a connection and its peer's TCP has not taken.
public enum UntakenBytes {
    /// How many bytes those are, with NIO and with the kernel. On the channel's event loop.
    public static func count(_ channel: any Channel) -> Int {
        let kernel = DirectSend.kernel
        return kernel.untaken(channel, kernel.descriptor(channel))
    }
}
