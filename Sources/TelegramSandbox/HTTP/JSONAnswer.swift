import HTTPTypes
import Hummingbird
import JSON
import NIOCore

/// Answers in JSON.
enum JSONAnswer {
    static func make(_ json: JSONObject, status: Int = 200) -> Response {
        Response(
            status: .init(code: status),
            headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(bytes: json.jsonBytes))
        )
    }

    static func make(_ error: ControlError) -> Response {
        self.make(["error": .string(error.message)], status: error.status)
    }
}
