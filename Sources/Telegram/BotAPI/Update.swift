/// Something that happened to the bot (Bot API, "Update").
public struct Update: Sendable, Hashable {
    /// What happened.
    public enum Event: Sendable, Hashable {
        /// A new message.
        case message(Message)
        /// A tap on a button.
        case callbackQuery(CallbackQuery)
        /// Anything else, or something that could not be understood: to be passed over.
        case other
    }

    /// Ascending, though not without gaps.
    public var id: Int64
    /// What happened.
    public var event: Event

    /// See the properties.
    public init(id: Int64, event: Event) {
        self.id = id
        self.event = event
    }
}
