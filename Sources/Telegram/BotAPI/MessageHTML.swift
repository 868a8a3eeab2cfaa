/// Texts with `parse_mode` HTML (Bot API, "HTML style"), which is how every message is sent.
public enum MessageHTML {
    /// A text to be shown as it is: `<`, `>`, `&` and `"` stand for themselves.
    public static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
