public import NIOCore

/// What goes out: queued, sent in one write, and held up while the peer does not read.
extension WebSocketConnection {
    /// Queues one text message to this socket alone, compressed if that was negotiated and makes it smaller.
    ///
    /// - Parameter text: UTF-8. Ignored once the connection closes.
    public func send(text: ByteBuffer) {
        self.send(.text, text)
    }

    /// Queues one binary message; see ``send(text:)``.
    public func send(binary: ByteBuffer) {
        self.send(.binary, binary)
    }

    /// Queues complete frames (``WebSocketFrame``), whose bytes may be shared with other sockets. Ignored once the connection
    /// closes.
    public func send(frames: ByteBuffer) {
        self.eventLoop.assertInEventLoop()
        guard self.stage == .open else { return }
        self.hasSentEvents = true
        self.queue.append(frames)
    }

    private func send(_ opcode: Opcode, _ message: ByteBuffer) {
        self.eventLoop.assertInEventLoop()
        guard self.stage == .open else { return }
        if let deflate = self.deflate, message.readableBytes >= self.configuration.minDeflateBytes,
            let compressed = self.loop.deflate(message, windowBits: deflate.serverMaxWindowBits ?? 15)
        {
            self.queue.append(WebSocketFrame.encode(opcode, compressed, rsv1: true))
        } else {
            self.queue.append(WebSocketFrame.encode(opcode, message, rsv1: false))
        }
    }

    /// Sends everything queued, in one write.
    public func flush() {
        self.eventLoop.assertInEventLoop()
        guard !self.queue.isEmpty, let context = self.context, self.stage != .closed else { return }
        self.isFlushing = true
        if self.sendsDirectly, self.writesInNIO == 0, self.mayOvertakeHTTP, self.channel.isActive, let descriptor {
            self.flushDirectly(descriptor)
        }
        if !self.queue.isEmpty { self.flushThroughNIO(context) }
        self.isFlushing = false
        if self.stage == .open && !self.isBlocked && !self.isWritable { self.block() }
    }

    private static let scratchBytes = 65_536

    private func flushDirectly(_ descriptor: CInt) {
        let total = self.queue.byteCount
        let sent: Int
        if let single = self.queue.single {
            sent = self.loop.directSend.send(single, descriptor)
        } else if total <= Self.scratchBytes {
            self.loop.scratch.clear(minimumCapacity: Self.scratchBytes)
            self.queue.copy(to: &self.loop.scratch)
            sent = self.loop.directSend.send(self.loop.scratch, descriptor)
        } else {
            return
        }
        if sent == total {
            self.queue.removeAll()
        } else if sent > 0 {
            self.queue.drop(sent)
        }
    }

    /// Sends complete frames past the queue: the same as ``send(frames:)`` and ``flush()``, in one step.
    ///
    /// - Returns: false, and nothing is done, if something is queued or NIO has to be asked.
    public func sendAtOnce(frames: ByteBuffer) -> Bool {
        self.eventLoop.assertInEventLoop()
        guard self.stage == .open, self.sendsDirectly, let descriptor = self.descriptor, self.queue.isEmpty,
            self.writesInNIO == 0, self.mayOvertakeHTTP, self.channel.isActive
        else { return false }
        self.hasSentEvents = true
        let send = self.loop.directSend.send
        let sent = send(frames, descriptor)
        if sent < frames.readableBytes {
            self.queue.append(frames)
            self.queue.drop(sent)
            self.flush()
        }
        return true
    }

    /// NIO gathers the buffers into one `writev`, and waits for the socket where the kernel takes no more.
    private func flushThroughNIO(_ context: ChannelHandlerContext) {
        let buffers = self.queue.takeAll()
        self.mayOvertakeHTTP = true  // what is counted from here on stands behind it
        var promise: EventLoopPromise<Void>?
        if self.sendsDirectly {
            let written = context.eventLoop.makePromise(of: Void.self)
            self.writesInNIO += 1
            written.futureResult.assumeIsolated().whenComplete { _ in self.wroteThroughNIO() }
            promise = written
        }
        for index in buffers.indices {
            context.write(NIOAny(buffers[index]), promise: index == buffers.count - 1 ? promise : nil)
        }
        context.flush()
    }

    private func wroteThroughNIO() {
        self.writesInNIO -= 1
        if self.writesInNIO == 0 { self.writabilityMayHaveChanged() }
    }

    func writabilityMayHaveChanged() {
        guard self.isBlocked else { return }
        if self.isFlushing {
            // Not from within the flush: the owner's answer is a further flush, and so on, ever deeper.
            self.eventLoop.assumeIsolated().execute { self.checkWritability() }
        } else {
            self.checkWritability()
        }
    }

    private func checkWritability() {
        guard self.isBlocked, self.isWritable else { return }
        self.isBlocked = false
        self.stallDeadline = nil
        // Nothing was read meanwhile: what the peer owes us is due anew.
        let now = self.eventLoop.now
        if self.pingedAt != nil { self.pingedAt = now }
        if self.messageDeadline != nil { self.messageDeadline = now + self.configuration.messageTimeout }
        self.loop.wheel.set(self, to: self.nextDeadline())
        self.releaseRead()
        self.delegate?.connectionBecameWritable(self)
        self.flush()
    }

    func releaseRead() {
        guard self.isReadHeld else { return }
        self.isReadHeld = false
        self.context?.read()
    }
}
