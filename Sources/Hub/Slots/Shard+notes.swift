import NIOCore

/// Events that stand beside a topic's log: followed once a loop, told to whoever is subscribed.
extension Shard {
    /// Somebody follows the topic: from now on this loop does.
    func followNotes(_ topic: ShardTopic) {
        guard topic.notesFollowing == nil, let holds = self.holds, holds.accompanies(topic.name) else { return }
        let eventLoop = self.eventLoop
        let bound = NIOLoopBound((shard: self, topic: topic), eventLoop: eventLoop)
        topic.notesFollowing = holds.follow(topic.name) { news in
            eventLoop.execute { bound.value.shard.noted(news, bound.value.topic) }
        }
    }

    func unfollowNotes(_ topic: ShardTopic) {
        topic.notesFollowing?.stop()
        topic.notesFollowing = nil
        topic.notes = TopicNotes()
    }

    private func noted(_ news: SlotNews, _ topic: ShardTopic) {
        guard topic.notesFollowing != nil else { return }
        func note(_ event: SlotEvent) -> Note {
            Note(text: Reply.event(event.type, topic: topic.clientName, data: event.data, id: nil))
        }
        let before = topic.notes
        switch news {
        case .all(let list):
            var notes = TopicNotes()
            for (name, held, gone) in list { notes.set(name, .init(held: note(held), gone: note(gone))) }
            topic.notes = notes
            self.tell(notes.difference(from: before), topic, before: before, except: nil)
        case .held(let name, let connection, let held, let gone):
            let entry = TopicNotes.Entry(held: note(held), gone: note(gone))
            topic.notes.set(name, entry)
            self.tell([entry.held], topic, before: before, except: connection)
        case .gone(let name, let connection, let event):
            guard topic.notes.remove(name) else { return }
            self.tell([note(event)], topic, before: before, except: connection)
        case .unavailable:
            // Redis is away: asked again while somebody is there to be told.
            topic.notesFollowing = nil
            let bound = NIOLoopBound(topic, eventLoop: self.eventLoop)
            self.eventLoop.scheduleTask(in: .seconds(2)) {
                if !bound.value.subscriptions.isEmpty { self.followNotes(bound.value) }
            }
        }
    }

    private func tell(_ notes: [Note], _ topic: ShardTopic, before: TopicNotes, except connection: String?) {
        guard !notes.isEmpty else { return }
        for subscription in topic.subscriptions where subscription.isAcknowledged && subscription.toldNotes == nil {
            let session = subscription.session
            guard session.isWritable else {
                subscription.toldNotes = before
                continue
            }
            if let connection, session.knownConnectionID == connection { continue }
            for note in notes { session.tell(note, isDeflated: subscription.variant.deflated) }
        }
    }

    /// The socket takes something again, or its subscription goes on: what came about beside the log meanwhile.
    func tellMissedNotes(_ subscription: Subscription) {
        guard let told = subscription.toldNotes, subscription.slot >= 0, subscription.isAcknowledged else { return }
        guard subscription.session.isWritable else { return }
        subscription.toldNotes = nil
        for note in subscription.topic.notes.difference(from: told) {
            subscription.session.tell(note, isDeflated: subscription.variant.deflated)
        }
    }
}
