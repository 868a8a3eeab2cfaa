import NIOCore

extension WebSocketConfiguration {
    /// An idle socket keeps one receive buffer: let it be small, and let there be no second one. A stuck one keeps what the
    /// kernel holds of ours.
    func limitBuffers(of channel: any Channel) {
        guard let options = channel.syncOptions else { return }
        try? options.setOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: self.receiveBufferBytes))
        try? options.setOption(.maxMessagesPerRead, value: 1)
        if let bytes = self.sendBufferBytes {
            try? options.setOption(.socketOption(.so_sndbuf), value: .init(bytes))
        }
    }
}
