import NIOCore

/// The logins that this loop has looked up a moment ago, so that the many sockets of one login (tabs, desks that reconnect all
/// at once after a deploy) ask PostgreSQL once.
///
/// An entry is as good as an open socket, which is not looked up again either: whatever ends or changes a right is heard of on the
/// salon's access topic, within a second also when Redis loses it. So its reader has to check that this topic is served and has
/// brought nothing since the look-up began (``Entry/stamp``), and all entries go when PostgreSQL cannot be asked.
struct LoginCache {
    struct Entry {
        let principal: Principal
        /// The access topic of its salon.
        let accessTopic: String
        /// The shard's access clock when the look-up began.
        let stamp: UInt64
        fileprivate let readAt: NIODeadline
    }

    /// How long an entry is kept: for as long as those of one login come back one after the other.
    static let lifetime = TimeAmount.seconds(3)
    /// Logins kept at most; what comes beyond is looked up each time.
    static let capacity = 16_384

    private var entries: [Int64: Entry] = [:]

    /// - Parameter readAt: when the look-up began
    mutating func remember(_ principal: Principal, accessTopic: String, stamp: UInt64, readAt: NIODeadline) {
        guard self.entries.count < Self.capacity || self.entries[principal.sessionID] != nil else { return }
        self.entries[principal.sessionID] = Entry(
            principal: principal,
            accessTopic: accessTopic,
            stamp: stamp,
            readAt: readAt
        )
    }

    /// The login as it was looked up within ``lifetime``; `nil` if it was not, or belongs to somebody else.
    func find(_ login: Login, now: NIODeadline) -> Entry? {
        guard let entry = self.entries[login.sessionID], entry.principal.userID == login.userID,
            now < entry.readAt + Self.lifetime
        else { return nil }
        return entry
    }

    /// Drops what is too old to be of use.
    mutating func prune(now: NIODeadline) {
        guard !self.entries.isEmpty else { return }
        self.entries = self.entries.filter { now < $0.value.readAt + Self.lifetime }
    }

    /// Nothing that was read is to be relied on.
    mutating func removeAll() {
        self.entries.removeAll()
    }
}
