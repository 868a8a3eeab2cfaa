public import Curl

/// How requests reach Telegram.
public protocol BotTransport: Sendable {
    /// Sends a request and waits for the answer; ends at once when the calling task is cancelled.
    func send(_ request: CurlRequest) async throws(CurlError) -> CurlResponse
}

extension CurlClient: BotTransport {}
