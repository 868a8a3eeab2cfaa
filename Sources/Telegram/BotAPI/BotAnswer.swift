import Curl
import JSON

/// The Bot API's envelope: `{"ok":true,"result":…}`, or `{"ok":false,"error_code":…,"description":…,"parameters":{…}}`.
enum BotAnswer {
    /// What sets Telegram's own answer apart from a page that something on the way put in its place.
    private static let goodBeginning = Array(#"{"ok":true"#.utf8)
    /// No wait that an answer asks for is longer: whoever polls holds the lease meanwhile, and a bot that is left alone for a day
    /// logs nobody in.
    private static let longestWait = Duration.seconds(300)

    /// The result.
    ///
    /// - Throws: ``BotError``: Telegram's refusal, or what a proxy before it said.
    static func result(of response: CurlResponse, token: BotToken) throws(BotError) -> JSONValue {
        // The request has bounded the body's length.
        let limits = JSONLimits(maxDepth: JSONLimits.greatestDepth, maxBytes: response.body.count)
        let answer = try? JSONValue(parsing: response.body, limits: limits)
        guard let answer, let ok = answer["ok"]?.bool else {
            if response.status == 200, response.body.starts(with: self.goodBeginning) {
                throw BotError(.unreadableAnswer, "The answer's JSON cannot be read", status: 200)
            }
            throw BotError(
                response.status == 200 ? .invalidAnswer : BotError.code(of: response.status),
                "HTTP \(response.status) without an answer of the Bot API",
                status: response.status,
                retryAfter: self.wait(response)
            )
        }
        guard !ok else {
            guard let result = answer["result"] else {
                throw BotError(.invalidAnswer, "The answer has no result", status: response.status)
            }
            return result
        }
        let status = answer["error_code"]?.int.map { Int(truncatingIfNeeded: $0) } ?? response.status
        throw BotError(
            BotError.code(of: status),
            // Cut last: half a token would not be found.
            String(token.redacted(answer["description"]?.string ?? "no description").prefix(500)),
            status: status,
            retryAfter: self.wait(response, answer["parameters"]?["retry_after"]?.int)
        )
    }

    /// - Parameter seconds: what the body asks for, which counts before the header
    private static func wait(_ response: CurlResponse, _ seconds: Int64? = nil) -> Duration? {
        guard let wait = seconds.map({ Duration.seconds(max($0, 0)) }) ?? response.retryAfter else { return nil }
        return min(wait, self.longestWait)
    }
}
