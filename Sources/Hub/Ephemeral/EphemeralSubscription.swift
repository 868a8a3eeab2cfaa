import JSON

/// A socket's subscription to an ephemeral topic. Confined to the socket's loop.
final class EphemeralSubscription {
    let name: String
    /// Of the commands that asked for it and have no answer yet: its own, and those of one whose place it took too early.
    private(set) var unanswered: [CommandID?]
    /// Whether the client was told that it has it.
    var isAcknowledged = false
    /// Whether it takes the place of one that the client was told that it has.
    private(set) var isRepeated = false
    /// What a socket that is in the room says of itself; nil for one that only follows.
    let entry: Entry?
    /// Whether the reader has missed something because it did not read.
    var isBehind = false
    private var following: (any EphemeralFollowing)?
    private(set) var isOver = false

    struct Entry {
        var state: JSONObject?
    }

    init(name: String, id: CommandID?, entry: Entry?) {
        self.name = name
        self.unanswered = [id]
        self.entry = entry
    }

    /// Whether the client was told that it has this topic, also if it has just asked for it again.
    var wasMade: Bool { self.isAcknowledged || self.isRepeated }

    var canTellAgain: Bool { self.following?.canTellAgain ?? false }

    func tellAgain() {
        self.following?.tellAgain()
    }

    func begin(_ following: any EphemeralFollowing) {
        self.following = following
    }

    /// Takes the place of another.
    func replace(_ other: EphemeralSubscription) {
        self.isRepeated = other.wasMade
        // Whoever named none waits for no answer of its own.
        self.unanswered = other.unanswered.filter { $0 != nil } + self.unanswered
    }

    /// The commands that are answered now.
    func takeUnanswered() -> [CommandID?] {
        defer { self.unanswered = [] }
        return self.unanswered
    }

    /// Whatever is still on its way is told to nobody.
    func end() {
        self.isOver = true
        self.following?.stop()
        self.following = nil
    }
}
