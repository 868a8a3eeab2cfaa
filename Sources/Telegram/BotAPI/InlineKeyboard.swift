/// Buttons below a message (Bot API, "InlineKeyboardMarkup").
public struct InlineKeyboard: Sendable, Hashable {
    /// One button.
    public struct Button: Sendable, Hashable {
        /// What it says.
        public let text: String
        /// What comes back in ``CallbackQuery/data``: 1 to 64 bytes.
        public let data: String

        /// A button. More than 64 bytes of data are a mistake in the program.
        public init(_ text: String, data: String) {
            precondition((1...64).contains(data.utf8.count), "Telegram takes 1 to 64 bytes of callback data")
            self.text = text
            self.data = data
        }
    }

    /// The buttons by rows.
    public let rows: [[Button]]

    /// Buttons by rows.
    public init(rows: [[Button]]) {
        self.rows = rows
    }
}
