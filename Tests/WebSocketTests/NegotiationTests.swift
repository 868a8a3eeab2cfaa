import Testing

@testable import WebSocket

@Suite("permessage-deflate negotiation")
struct NegotiationTests {
    static let base = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

    static let accepted: [(offer: String, response: String)] = [
        ("permessage-deflate", base),
        ("permessage-deflate; client_max_window_bits", base),
        ("permessage-deflate; client_max_window_bits=10", base),
        ("permessage-deflate; client_max_window_bits=8", base),
        ("permessage-deflate;client_max_window_bits=\"15\"", base),
        ("permessage-deflate; server_no_context_takeover", base),
        ("permessage-deflate; client_no_context_takeover", base),
        ("permessage-deflate; client_no_context_takeover; server_no_context_takeover", base),
        ("permessage-deflate; server_max_window_bits=15", base + "; server_max_window_bits=15"),
        ("permessage-deflate; server_max_window_bits=9", base + "; server_max_window_bits=9"),
        ("permessage-deflate; server_max_window_bits=8", base + "; server_max_window_bits=8"),
        ("permessage-deflate; server_max_window_bits=\"10\"", base + "; server_max_window_bits=10"),
        ("permessage-deflate; server_max_window_bits=\"1\\0\"", base + "; server_max_window_bits=10"),
        ("permessage-deflate ;\tserver_max_window_bits = 12", base + "; server_max_window_bits=12"),
        ("x-webkit-deflate-frame, permessage-deflate", base),
        ("permessage-deflate; server_max_window_bits=7, permessage-deflate", base),
        ("permessage-deflate; server_max_window_bits=11, permessage-deflate", base + "; server_max_window_bits=11"),
        ("permessage-deflate; unknown, permessage-deflate; server_max_window_bits=11", base + "; server_max_window_bits=11"),
        (", permessage-deflate,", base),
    ]

    @Test("acceptable offers and their answers", arguments: accepted)
    func accepts(_ line: (offer: String, response: String)) throws {
        let offers = try ExtensionOffer.parse(line.offer)
        #expect(PermessageDeflate.negotiate(offers)?.response == line.response)
    }

    static let declined = [
        "", "permessage-bzip2", "x-webkit-deflate-frame",
        "permessage-deflate; unknown", "permessage-deflate; unknown=1",
        "permessage-deflate; server_no_context_takeover=1", "permessage-deflate; client_no_context_takeover=true",
        "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
        "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
        "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
        "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16", "permessage-deflate; server_max_window_bits=09",
        "permessage-deflate; server_max_window_bits=+9", "permessage-deflate; server_max_window_bits=abc",
        "permessage-deflate; client_max_window_bits=7", "permessage-deflate; client_max_window_bits=16",
        "permessage-deflate; client_max_window_bits=008",
    ]

    @Test("offers that must be declined", arguments: declined)
    func declines(_ offer: String) throws {
        #expect(PermessageDeflate.negotiate(try ExtensionOffer.parse(offer)) == nil)
    }

    static let malformedValues = [
        ";", "permessage-deflate;", "permessage-deflate; =1", "permessage-deflate; a=", "permessage-deflate; a=\"",
        "permessage-deflate; a=\"b", "permessage-deflate; a=\"\"", "permessage-deflate; a=\"b c\"", "permessage-deflate a",
        "per(message", "a; b=c d", "a; b=\"c\\",
    ]

    @Test("malformed headers are an error", arguments: malformedValues)
    func malformed(_ value: String) {
        let error = #expect(throws: WebSocketError.self) { try ExtensionOffer.parse(value) }
        #expect(error?.code == .malformedHeader)
    }

    @Test("only a full window takes shared frames")
    func fullWindow() throws {
        func negotiate(_ offer: String) throws -> PermessageDeflate? {
            PermessageDeflate.negotiate(try ExtensionOffer.parse(offer))
        }
        #expect(try negotiate("permessage-deflate")?.acceptsFullWindow == true)
        #expect(try negotiate("permessage-deflate; server_max_window_bits=15")?.acceptsFullWindow == true)
        #expect(try negotiate("permessage-deflate; server_max_window_bits=14")?.acceptsFullWindow == false)
    }
}
