/// A button below one of the bot's questions.
public enum Button: Sendable, Hashable {
    /// Yes, that is me.
    case confirm
    /// Make me an account.
    case register
    /// No.
    case cancel
    /// The page shows this number.
    case number(Int)

    /// What Telegram sends back when it is tapped; at most 64 bytes, and anybody can forge it.
    func data(for code: StartCode) -> String {
        switch self {
        case .confirm: "confirm:\(code.text)"
        case .register: "register:\(code.text)"
        case .cancel: "cancel:\(code.text)"
        case .number(let number): "number:\(number):\(code.text)"
        }
    }

    /// Reads a tap's data; nil if it is none of ours.
    static func parse(_ data: String) -> (button: Button, code: StartCode)? {
        let parts = data.split(separator: ":", omittingEmptySubsequences: false)
        guard let last = parts.last, let code = StartCode(String(last)) else { return nil }
        switch (parts[0], parts.count) {
        case ("confirm", 2): return (.confirm, code)
        case ("register", 2): return (.register, code)
        case ("cancel", 2): return (.cancel, code)
        case ("number", 3):
            guard let number = Int(parts[1]), String(number) == parts[1] else { return nil }
            return (.number(number), code)
        default: return nil
        }
    }
}
