import NIOCore

/// Which channels are wanted, what was said to Redis about each, and what Redis has confirmed.
///
/// `SUBSCRIBE` and `UNSUBSCRIBE` of one channel take turns, and Redis answers in order: so how many answers are still to come tells which one is next,
/// and a channel is confirmed when it is wanted and none is to come. Wanted channels outlive the connection.
struct SubscriptionStateMachine: ~Copyable {
    /// One command on the wire.
    struct Command: Equatable {
        var kind: SubscriptionKind
        var channels: [String]
    }

    private struct Entry {
        var isWanted: Bool
        /// Commands queued or sent that Redis has not confirmed.
        var unconfirmed: Int
        /// Of these, the ones that were sent.
        var sent: Int
        /// Wanted when the connection was made, and not confirmed on it yet.
        var isRestoring: Bool
    }

    /// Redis takes more; a command of 500 channels is some 20 KB.
    static let batchSize = 500

    private var entries: [String: Entry] = [:]
    private var queue: [(kind: SubscriptionKind, channel: String)] = []
    private var isConnected = false
    private var restoring = 0
    /// Confirmations Redis owes for what was sent, and since when it has brought none.
    private var owed = 0
    private var owedSince = NIODeadline.uptimeNanoseconds(0)

    /// How many channels are wanted.
    private(set) var wantedCount = 0

    enum RequestAction {
        /// Something is queued for ``flush(now:)``.
        case flush
        case doNothing
    }

    mutating func subscribe(_ channel: String) -> RequestAction {
        var entry = self.entries[channel] ?? Entry(isWanted: false, unconfirmed: 0, sent: 0, isRestoring: false)
        guard !entry.isWanted else { return .doNothing }
        entry.isWanted = true
        self.wantedCount += 1
        return self.request(.subscribe, channel, entry)
    }

    mutating func unsubscribe(_ channel: String) -> RequestAction {
        guard var entry = self.entries[channel], entry.isWanted else { return .doNothing }
        entry.isWanted = false
        self.wantedCount -= 1
        return self.request(.unsubscribe, channel, entry)
    }

    private mutating func request(_ kind: SubscriptionKind, _ channel: String, _ entry: Entry) -> RequestAction {
        guard self.isConnected else {
            self.entries[channel] = entry.isWanted ? entry : nil
            return .doNothing
        }
        var entry = entry
        entry.unconfirmed += 1
        self.entries[channel] = entry
        self.queue.append((kind, channel))
        return .flush
    }

    /// A new connection knows no channel: every wanted one is queued.
    mutating func connected() {
        precondition(!self.isConnected, "Connected twice without disconnecting")
        self.isConnected = true
        for channel in self.entries.keys.sorted() {
            self.entries[channel] = Entry(isWanted: true, unconfirmed: 1, sent: 0, isRestoring: true)
            self.queue.append((.subscribe, channel))
        }
        self.restoring = self.entries.count
    }

    /// The connection is gone, and with it all that was confirmed.
    mutating func disconnected() {
        self.isConnected = false
        self.queue = []
        self.owed = 0
        self.restoring = 0
        self.entries = self.entries.filter { $0.value.isWanted }
            .mapValues { _ in Entry(isWanted: true, unconfirmed: 0, sent: 0, isRestoring: false) }
    }

    /// The queued commands, in order, neighbours of one kind together.
    mutating func flush(now: NIODeadline) -> [Command] {
        guard !self.queue.isEmpty else { return [] }
        var commands: [Command] = []
        for (kind, channel) in self.queue {
            self.entries[channel]?.sent += 1
            if let last = commands.indices.last, commands[last].kind == kind, commands[last].channels.count < Self.batchSize {
                commands[last].channels.append(channel)
            } else {
                commands.append(Command(kind: kind, channels: [channel]))
            }
        }
        if self.owed == 0 {
            self.owedSince = now
        }
        self.owed += self.queue.count
        self.queue = []
        return commands
    }

    enum ConfirmationAction {
        /// The channel is confirmed, and it is the last of those that the connection began with.
        case subscribedAndAllRestored
        case subscribed
        /// It was unsubscribed while the connection began, and nothing else is left to restore.
        case allRestored
        case doNothing
        /// Redis confirms what nobody asked for.
        case closeUnexpected
    }

    mutating func confirmed(_ kind: SubscriptionKind, _ channel: String, now: NIODeadline) -> ConfirmationAction {
        guard var entry = self.entries[channel], entry.sent > 0 else { return .closeUnexpected }
        let isLikeTheLast = entry.unconfirmed % 2 == 1
        let expected: SubscriptionKind = entry.isWanted == isLikeTheLast ? .subscribe : .unsubscribe
        guard kind == expected else { return .closeUnexpected }

        entry.sent -= 1
        entry.unconfirmed -= 1
        self.owed -= 1
        self.owedSince = now
        let isSettled = entry.unconfirmed == 0
        var restoredAll = false
        if isSettled, entry.isRestoring {
            entry.isRestoring = false
            self.restoring -= 1
            restoredAll = self.restoring == 0
        }
        self.entries[channel] = isSettled && !entry.isWanted ? nil : entry
        switch (isSettled && entry.isWanted, restoredAll) {
        case (true, true): return .subscribedAndAllRestored
        case (true, false): return .subscribed
        case (false, true): return .allRestored
        case (false, false): return .doNothing
        }
    }

    /// Whether a message of this channel is for anybody here.
    func isWanted(_ channel: String) -> Bool {
        self.entries[channel]?.isWanted ?? false
    }

    /// Since when Redis has owed confirmations without bringing one; nil when it owes none.
    var waitingSince: NIODeadline? {
        self.owed > 0 ? self.owedSince : nil
    }
}
