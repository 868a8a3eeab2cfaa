import JSON

/// A socket's subscription to an ephemeral topic. Confined to the socket's loop.
final class EphemeralSubscription {
    let name: String
    /// Of the command that asked for it.
    let id: CommandID?
    /// Whether the client was told that it has it.
    var isAcknowledged = false
    /// Whether it takes the place of one that the client was told that it has.
    var isRepeated = false
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
        self.id = id
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

    /// Whatever is still on its way is told to nobody.
    func end() {
        self.isOver = true
        self.following?.stop()
        self.following = nil
    }
}
