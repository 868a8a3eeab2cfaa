import Glibc
import NIOCore

/// The client has gone, and what it asked for is no longer of use to anybody.
struct ClientLeft: Error {}

extension Call {
    /// Looks whether anybody still waits for the answer, before a step of something long.
    ///
    /// A browser that gives a request up closes its end, and reads no more: then the connection is half closed, and as good as
    /// gone.
    ///
    /// - Throws: ``ClientLeft``, or `CancellationError`
    func checkClient() async throws {
        try Task.checkCancellation()
        guard self.channel.isActive else { throw ClientLeft() }
        let channel = self.channel
        let isClosed = try await channel.eventLoop.submit {
            try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: CInt.self) { descriptor in
                var byte: UInt8 = 0
                return unsafe recv(descriptor, &byte, 1, CInt(MSG_PEEK) | CInt(MSG_DONTWAIT)) == 0
            }
        }.get()
        guard isClosed != true else { throw ClientLeft() }
    }
}
