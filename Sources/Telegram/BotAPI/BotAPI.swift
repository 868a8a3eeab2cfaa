/// What is asked of Telegram (core.telegram.org/bots/api). Texts are HTML: see ``MessageHTML``.
///
/// Every method throws ``BotError``. Those that say so wait out Telegram's 429 and 5xx first.
public protocol BotAPI: Sendable {
    /// The bot itself: whether the token is good, and its name.
    func getMe() async throws(BotError) -> TelegramUser

    /// Waits for updates. Each call confirms those below `offset`: they never come again.
    ///
    /// - Parameters:
    ///   - offset: the first update wanted, the last one's number and one; nil for the earliest that Telegram still has.
    ///   - limit: how many at most, 1 to 100.
    ///   - timeout: how long Telegram waits for one, in whole seconds; cancelling the task ends it at once.
    ///   - kinds: which ones; from Telegram's point of view this setting stays until it is changed.
    /// - Throws: at once, without waiting anything out: who polls has its own patience. `unreadableAnswer` if the updates together
    ///   are too long, or one cannot be read; a single one may be much longer than each of many.
    func getUpdates(
        offset: Int64?,
        limit: Int,
        timeout: Duration,
        kinds: [UpdateKind]
    ) async throws(BotError) -> [Update]

    /// Sends a message. Waits out 429 and 5xx; after a broken connection the message may come twice.
    ///
    /// - Parameters:
    ///   - text: HTML, 1 to 4,096 characters.
    ///   - chatID: the person's number, in a private chat.
    ///   - keyboard: the buttons below it.
    /// - Returns: the message as it stands in the chat.
    @discardableResult
    func sendMessage(_ text: String, to chatID: Int64, keyboard: InlineKeyboard?) async throws(BotError) -> Message

    /// Changes a message of the bot's own. Without a keyboard its buttons go away. Waits out 429 and 5xx; that it is so already is
    /// no error.
    func editMessageText(
        _ text: String,
        chatID: Int64,
        messageID: Int64,
        keyboard: InlineKeyboard?
    ) async throws(BotError)

    /// Ends the progress that a tapped button shows, with a note (or an alert, which has to be closed) of at most 200 characters.
    /// Waits out 429 and 5xx.
    func answerCallbackQuery(_ id: String, text: String?, showAlert: Bool) async throws(BotError)

    /// From now on updates are sent to `url` by POST, with `secretToken` (1 to 256 of `A`-`Z`, `a`-`z`, `0`-`9`, `_`, `-`) in the header
    /// `X-Telegram-Bot-Api-Secret-Token`. Waits out 429 and 5xx.
    func setWebhook(url: String, secretToken: String, kinds: [UpdateKind]) async throws(BotError)

    /// From now on updates are fetched. Waits out 429 and 5xx.
    func deleteWebhook() async throws(BotError)
}
