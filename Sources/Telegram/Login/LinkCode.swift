import Secrets

/// How a link code stands in a deep link: whole, since it opens nothing but what the bot does with it anyway.
enum LinkCode {
    static let prefix = "link_"

    /// The start parameter of a deep link.
    static func parameter(of code: OpaqueToken) -> String { self.prefix + code.text }

    static func startCode(ofParameter parameter: String) -> StartCode? {
        OpaqueToken(String(parameter.dropFirst(self.prefix.count))).map { StartCode(of: $0) }
    }
}
