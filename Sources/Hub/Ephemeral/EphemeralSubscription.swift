import NIOCore

/// A socket's subscription to an ephemeral topic. Confined to the socket's loop.
final class EphemeralSubscription {
    let name: String
    /// Of the command that asked for it.
    let id: CommandID?
    /// Whether the client was told that it has it.
    var isAcknowledged = false
    private var following: (any EphemeralFollowing)?
    private(set) var isOver = false

    init(name: String, id: CommandID?) {
        self.name = name
        self.id = id
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
