import Curl
import Support

/// Runs a client around the body, and stops it.
func withCurl<Result: Sendable>(
    _ configuration: CurlConfiguration = CurlConfiguration(),
    _ body: @Sendable (CurlClient) async throws -> Result
) async throws -> Result {
    let curl = try CurlClient(configuration: configuration)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await curl.run() }
        let result: Result
        do {
            result = try await body(curl)
        } catch {
            group.cancelAll()
            throw error
        }
        group.cancelAll()
        try await group.waitForAll()
        return result
    }
}

extension CurlClient {
    /// How a request fails; nil if an answer came.
    func failure(_ request: CurlRequest) async -> CurlError? {
        do throws(CurlError) {
            _ = try await self.send(request)
            return nil
        } catch {
            return error
        }
    }
}

extension ByteServer {
    func url(_ path: String = "/", scheme: String = "http", host: String = "127.0.0.1") -> String {
        "\(scheme)://\(host):\(self.port)\(path)"
    }
}

extension ByteStream {
    /// What comes up to and with `end`.
    func readText(through end: String = "\r\n\r\n") async throws -> String {
        var text = ""
        while !text.hasSuffix(end) {
            guard let bytes = try await self.read() else { throw Unexpected("the connection ended behind: \(text)") }
            text += String(decoding: bytes, as: UTF8.self)
        }
        return text
    }
}
