import HTTPTypes
import NIOHTTP1
import REST
import WebSocket

extension RefusedRequest {
    /// How the WebSocket engine answers what it refuses.
    var description: RefusalDescription {
        { status, reason, head in
            let answer = self.answer(
                status: Int(status.code),
                reason: reason,
                origin: head?.headers.first(name: "origin"),
                acceptLanguage: head?.headers.first(name: "accept-language"),
                method: head?.method.rawValue,
                target: head?.uri,
                requestID: head?.headers.first(name: "x-request-id")
            )
            return (HTTPHeaders(answer.headers.map { ($0.name.canonicalName, $0.value) }), answer.body)
        }
    }
}
