/// Where a message stands (Bot API, "Chat").
public struct Chat: Sendable, Hashable {
    /// What kind of chat it is.
    public enum Kind: String, Sendable {
        /// One person and the bot.
        case `private`
        /// A small group.
        case group
        /// A large group.
        case supergroup
        /// A channel.
        case channel
        /// Something that Telegram has added since.
        case other
    }

    /// Negative for groups and channels; up to 52 bits.
    public var id: Int64
    /// What kind of chat it is.
    public var kind: Kind

    /// See the properties.
    public init(id: Int64, kind: Kind) {
        self.id = id
        self.kind = kind
    }
}
