import JSON
import NIOCore

/// Slots that a socket is booking.
extension SocketSession {
    func hold(_ slot: SlotWish, _ id: CommandID?) {
        guard let holds = self.keeper(id) else { return }
        self.hasHeldSlots = true
        holds.hold(slot, by: self.reader, self.answering(id))
    }

    func release(_ slot: SlotWish, _ id: CommandID?) {
        guard let holds = self.keeper(id) else { return }
        holds.release(slot, by: self.reader, self.answering(id))
    }

    /// What this socket holds ends soon, unless its login comes back and holds it again.
    ///
    /// - Parameter atOnce: it may not
    func leaveSlots(atOnce: Bool) {
        guard self.hasHeldSlots else { return }
        self.hasHeldSlots = false
        self.shard.holds?.left(self.reader, atOnce: atOnce)
    }

    /// A subscription was answered: behind it comes what is the case beside the log.
    func tellNotes(_ subscription: Subscription) {
        subscription.toldNotes = nil
        for note in subscription.topic.notes.present { self.send(note.text) }
    }

    /// Who keeps them; else whoever asked is told why not.
    private func keeper(_ id: CommandID?) -> (any SlotHolds)? {
        guard let holds = self.shard.holds else {
            self.send(Reply.error(.badRequest, "There is no command of this type", id: id))
            return nil
        }
        guard self.principal != nil else {
            self.send(Reply.error(.unauthorized, "Authenticate first", id: id))
            return nil
        }
        return holds
    }

    private func answering(_ id: CommandID?) -> @Sendable (SlotAnswer) -> Void {
        let eventLoop = self.shard.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        return { answer in eventLoop.execute { bound.value.answered(answer, id) } }
    }

    private func answered(_ answer: SlotAnswer, _ id: CommandID?) {
        guard let principal, let holds = self.shard.holds else { return }
        switch answer {
        case .done(let event):
            let topic = ClientTopic.name(of: holds.topic(for: principal))
            self.send(Reply.event(event.type, topic: topic, data: event.data, id: id))
        case .heldByOther(let message, let hold):
            self.send(Reply.error(.slotHeld, message, hold: hold, id: id))
        case .invalid(let message):
            self.send(Reply.error(.badRequest, message, id: id))
        case .refused(let refusal):
            self.send(Self.error(refusal, id: id))
        }
    }
}
