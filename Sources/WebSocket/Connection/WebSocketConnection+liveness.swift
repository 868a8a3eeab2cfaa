public import NIOCore

/// What the peer has to do in time, and what becomes of it if it does not.
extension WebSocketConnection {
    /// Does what is due: ping, timeouts. Called by the loop's timer wheel.
    ///
    /// - Returns: When to call again; nil once the connection is closed.
    public func tick(now: NIODeadline) -> NIODeadline? {
        switch self.stage {
        case .open:
            if self.isBlocked {
                if let deadline = self.stallDeadline, deadline <= now { self.checkStall(now) }
            } else if let deadline = self.messageDeadline, deadline <= now {
                self.giveUp("message too slow")
            } else if let deadline = self.pongDeadline, deadline <= now {
                self.giveUp("no pong")
            } else if self.isPingDue(now) {
                self.pingedAt = now
                self.queue.append(WebSocketFrame.ping())
                self.flush()
            }
        case .closing, .lingering:
            if let deadline = self.closeDeadline, deadline <= now { self.context?.close(promise: nil) }
        case .closed:
            return nil
        }
        return self.stage == .closed ? nil : self.nextDeadline()
    }

    private func giveUp(_ reason: String) {
        guard self.machine.startClose() == .sendClose else { return }
        let code = self.configuration.timeoutCode
        self.endSession(code: code, closeFrame: WebSocketFrame.close(code: code, reason: reason))
    }

    private func isPingDue(_ now: NIODeadline) -> Bool {
        let interval = self.configuration.pingInterval
        return interval > .zero && self.pingedAt == nil && self.lastReceived + interval <= now
    }

    /// When an unanswered ping ends the connection. A peer that is being sent events may be busy with those: it has twice the
    /// time, as one that takes no bytes at all has.
    private var pongDeadline: NIODeadline? {
        self.pingedAt.map { $0 + self.configuration.pongTimeout * (self.hasSentEvents ? 2 : 1) }
    }

    func nextDeadline() -> NIODeadline {
        if let deadline = self.closeDeadline { return deadline }
        if let deadline = self.stallDeadline { return deadline }
        var next = NIODeadline.distantFuture
        if let deadline = self.pongDeadline {
            next = deadline
        } else if self.configuration.pingInterval > .zero {
            next = self.lastReceived + self.configuration.pingInterval
        }
        if let deadline = self.messageDeadline { next = min(next, deadline) }
        return next
    }

    /// A message is on its way, or no longer: the time it may take runs from its first byte.
    func watchMessage() {
        guard self.machine.isMidMessage, self.configuration.messageTimeout > .zero else {
            self.messageDeadline = nil
            return
        }
        guard self.messageDeadline == nil || self.messagesSeen != self.machine.completedMessages else { return }
        self.messagesSeen = self.machine.completedMessages
        let wasEarlier = self.messageDeadline != nil
        self.messageDeadline = self.lastReceived + self.configuration.messageTimeout
        if !wasEarlier { self.loop.wheel.set(self, to: self.nextDeadline()) }
    }

    /// The peer reads more slowly than we write. Until it has caught up nothing is read of it either.
    func block() {
        self.isBlocked = true
        self.allowStall(from: self.eventLoop.now)
        self.loop.wheel.set(self, to: self.nextDeadline())
    }

    private func allowStall(from now: NIODeadline) {
        self.stallDeadline = now + self.configuration.pongTimeout * 2
        self.unsentBytes = self.heldBytes()
    }

    /// Bytes of ours that the peer's TCP has not taken, with NIO or with the kernel.
    private func heldBytes() -> Int {
        self.loop.directSend.untaken(self.channel, self.descriptor)
    }

    /// Slow is well, nothing at all is not.
    private func checkStall(_ now: NIODeadline) {
        let before = self.unsentBytes
        self.allowStall(from: now)
        guard self.unsentBytes >= before else { return }
        // Room for the Close frame, so that the peer learns what became of it if it reads on after all.
        if let descriptor, self.channel.isActive { self.loop.directSend.widen(descriptor) }
        self.giveUp("nothing is read")
    }
}
