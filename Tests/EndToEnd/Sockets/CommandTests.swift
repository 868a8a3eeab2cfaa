import JSON
import Support
import Testing

@Suite("Sockets: commands", .inTurn)
struct SocketCommandTests {
    @Test("what is no command is answered and the socket stays open")
    func badCommands() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let socket = try await salon.login(.admin).socket("appointments")
        let bad = [
            "", "{", "null", "[]", "7", #""ping""#, #"{"type":7}"#, #"{"type":"nothing of ours"}"#, #"{"type":"subscribe"}"#,
            #"{"type":"subscribe","topic":7}"#, #"{"type":"subscribe","topic":"appointments","since":"1"}"#,
            #"{"type":"subscribe","topic":"appointments","since":1.5}"#,
            #"{"type":"subscribe","topic":"appointments","epoch":1}"#,
            #"{"type":"auth"}"#, #"{"type":"auth","token":{}}"#, #"{"type":"ping","id":{}}"#,
            #"{"type":"unsubscribe","topic":[]}"#,
        ]
        for text in bad {
            socket.send(frame: ClientFrame.text(text))
            try await socket.expectError("bad_request")
        }
        #expect(try await socket.expectNothing()["heads"] == ["appointments": 0])
    }

    @Test("ids come back as they were sent, numbers to the last digit; unknown fields do not matter")
    func ids() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let socket = try await salon.login(.admin).socket()
        for id in ["0", "-3", "1.50", "12345678901234567890123", #""текст""#, #""""#] {
            socket.send(frame: ClientFrame.text(#"{"type":"ping","id":\#(id),"more":[1,{"x":null}]}"#))
            #expect(try await socket.expect("pong")["id"]?.text == id)
        }
        socket.send(["type": "nothing of ours", "id": 5])
        #expect(try await socket.expectError("bad_request")["id"] == 5)
        #expect(try await socket.ask(["type": "ping"], "pong")["id"] == nil)
    }

    @Test("a pong tells the head of every followed topic")
    func heads() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let (desk, actor) = (try await salon.login(.manager), try await salon.login(.admin))
        let socket = try await desk.socket("appointments", "notifications", "clients")
        #expect(try await socket.expectNothing()["heads"] == ["appointments": 0, "notifications": 0, "clients": 0])
        try await actor.book(salon.visit(9))
        for _ in 0..<2 { _ = try await socket.next() }
        let pong = try await socket.expectNothing()
        #expect(pong["heads"] == ["appointments": 1, "notifications": 1, "clients": 0])
        #expect(pong["at"]?.string?.hasSuffix("Z") == true)
    }

    @Test("a binary message closes with 1003, one that is too large with 1009, one that is no UTF-8 with 1007")
    func refusedMessages() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        let binary = try await desk.socket()
        binary.send(frame: ClientFrame.binary([1, 2, 3]))
        try await binary.expectClose(1003)
        let fitting = try await desk.socket()
        let padding = String(repeating: "x", count: 65_536 - 25)
        fitting.send(frame: ClientFrame.text(#"{"type":"ping","filler":"\#(padding)"}"#.prefix(65_536).description))
        if case .message(let message) = try await fitting.next().0 {
            #expect(["pong", "error"].contains(message["type"]?.string))
        }
        fitting.send(frame: ClientFrame.text(String(repeating: "x", count: 65_537)))
        try await fitting.expectClose(1009)
        let invalid = try await desk.socket()
        invalid.send(frame: ClientFrame.bytes(0x81, [0xC3, 0x28]))
        try await invalid.expectClose(1007)
        let unmasked = try await desk.socket()
        unmasked.send(frame: [0x81, 0x02, 0x7B, 0x7D])
        try await unmasked.expectClose(1002)
    }

    @Test("too many commands at once are refused, and the third refusal closes with 4429")
    func rate() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let socket = try await salon.login(.admin).socket()
        let command = ClientFrame.text(#"{"type":"unsubscribe","topic":"clients"}"#)
        socket.send(frame: Array(repeatElement(command, count: 100).joined()))
        var accepted = 0
        reading: while true {
            switch try await socket.next().0 {
            case .message(let message) where message["type"] == "unsubscribed": accepted += 1
            case .message(let message):
                #expect(message["code"] == "rate_limited")
                #expect((message["retryAfter"]?.int ?? 0) > 0)
            case .close(let code, _):
                #expect(code == 4429)
                break reading
            case .end:
                Issue.record("the connection ended without a close frame")
                break reading
            }
        }
        // A burst of forty, and a few more as the machine is slow.
        #expect((40..<60).contains(accepted))
    }
}
