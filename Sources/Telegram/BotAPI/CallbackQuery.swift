/// A tap on a button below a message (Bot API, "CallbackQuery").
public struct CallbackQuery: Sendable, Hashable {
    /// For ``BotAPI/answerCallbackQuery(_:text:showAlert:)``.
    public var id: String
    /// Who tapped.
    public var from: TelegramUser
    /// The message with the button; nil if it is too old, or was sent by way of an inline query.
    public var message: Message?
    /// The button's data, at most 64 bytes. A client can send whatever it likes.
    public var data: String?

    /// See the properties.
    public init(id: String, from: TelegramUser, message: Message?, data: String?) {
        self.id = id
        self.from = from
        self.message = message
        self.data = data
    }
}
