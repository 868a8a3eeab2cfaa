import NIOCore

extension WebSocketConfiguration {
    /// An idle socket keeps one receive buffer: let it be small, and let there be no second one. A stuck one keeps what the
    /// kernel holds of ours.
    ///
    /// Each of NIO's options costs a dozen dynamic casts: what the connection has already, or the kernel can be told, is not asked of it.
    ///
    /// - Parameter present: the size of the receive buffers that it has; nil if that is not known
    func limitBuffers(of connection: WebSocketConnection, receiveBufferBytes present: Int?) {
        if let bytes = self.sendBufferBytes, let descriptor = connection.descriptor {
            connection.loop.directSend.limit(descriptor, bytes)
        }
        guard let options = connection.channel.syncOptions else { return }
        if present != self.receiveBufferBytes {
            try? options.setOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: self.receiveBufferBytes))
        }
        try? options.setOption(.maxMessagesPerRead, value: 1)
    }
}
