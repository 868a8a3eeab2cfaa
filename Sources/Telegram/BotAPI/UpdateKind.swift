/// Which updates Telegram is to send (`allowed_updates`).
public enum UpdateKind: String, Sendable {
    /// New messages.
    case message
    /// Taps on buttons.
    case callbackQuery = "callback_query"
}
