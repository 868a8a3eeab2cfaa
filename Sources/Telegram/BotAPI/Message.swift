/// A message, with no more of it than is needed (Bot API, "Message" and "InaccessibleMessage").
public struct Message: Sendable, Hashable {
    /// Unique in its chat.
    public var id: Int64
    /// Where it stands.
    public var chat: Chat
    /// Who sent it; nil in channels.
    public var from: TelegramUser?
    /// When, in seconds since 1970; 0 if Telegram no longer has the message.
    public var date: Int64
    /// Its text; nil if it is a picture or the like.
    public var text: String?
    /// Whether somebody passed it on.
    public var isForwarded: Bool
    /// Whether it was changed since.
    public var isEdited: Bool
    /// Whether it was sent by way of another bot, or in somebody's name by a business's bot.
    public var isByAnotherBot: Bool

    /// See the properties.
    public init(
        id: Int64,
        chat: Chat,
        from: TelegramUser? = nil,
        date: Int64,
        text: String? = nil,
        isForwarded: Bool = false,
        isEdited: Bool = false,
        isByAnotherBot: Bool = false
    ) {
        self.id = id
        self.chat = chat
        self.from = from
        self.date = date
        self.text = text
        self.isForwarded = isForwarded
        self.isEdited = isEdited
        self.isByAnotherBot = isByAnotherBot
    }
}
