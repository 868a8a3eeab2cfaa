/// Which characters are safe in a URL as they are.
enum Base64Alphabet {
    /// `A`-`Z`, `a`-`z`, `0`-`9`, `-` and `_` (RFC 4648 section 5).
    static func isURLSafe(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "-"), UInt8(ascii: "_"): true
        default: false
        }
    }
}
