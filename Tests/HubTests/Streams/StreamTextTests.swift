import JSON
import NIOCore
import Testing

@testable import Hub

@Suite("Server-sent events as text")
struct StreamTextTests {
    @Test("an id names every topic's position and history, and is read back")
    func position() throws {
        var id = ""
        StreamPosition.append("appointments", 42, "E1", to: &id)
        StreamPosition.append("notifications", 0, "a0@b", to: &id)
        #expect(id == "appointments=42@E1,notifications=0@a0@b")
        let position = try #require(StreamPosition("appointments=42@E1,notifications=7@E2"))
        #expect(position.places == ["appointments": .init(seq: 42, epoch: "E1"), "notifications": .init(seq: 7, epoch: "E2")])
        #expect(StreamPosition("appointments=-1@E1")?.places["appointments"]?.seq == -1)
    }

    @Test(
        "what is no id of ours is not taken for one",
        arguments: [
            "", "x", "appointments", "appointments=42", "appointments@E1", "=1@E", "appointments=@E1", "appointments=1@",
            "a=1@E,",
            ",a=1@E", "a=b@E", "a=9223372036854775808@E", "a@1=E", "a=1 @E",
        ]
    )
    func noPosition(_ text: String) {
        #expect(StreamPosition(text) == nil)
    }

    @Test("an event is its type and one line of JSON; line ends in the JSON make more lines of the same value")
    func event() {
        let plain = StreamText.event("thing:changed", ByteBuffer(string: #"{"n":1}"#))
        #expect(String(buffer: plain) == "event: thing:changed\ndata: {\"n\":1}\n\n")
        let broken = StreamText.event("x", ByteBuffer(string: "{\n\"n\":\r1}\n"))
        #expect(String(buffer: broken) == "event: x\ndata: {\ndata: \"n\":\ndata: 1}\ndata: \n\n")
    }

    @Test("a frame keeps its type; the last one is a close frame's code and reason, and for a restart when to come back")
    func frames() {
        let frame = Reply.unsubscribed(topic: "clients", code: .forbidden, id: nil)
        #expect(
            String(buffer: StreamText.event(frame))
                == "event: unsubscribed\ndata: {\"type\":\"unsubscribed\",\"topic\":\"clients\",\"code\":\"forbidden\"}\n\n"
        )
        #expect(
            String(buffer: StreamText.closed(.badToken, "session ended"))
                == "event: closed\ndata: {\"type\":\"closed\",\"code\":4500,\"reason\":\"session ended\"}\n\n"
        )
        #expect(
            String(buffer: StreamText.closed(.restart, "1234"))
                == "retry: 1234\nevent: closed\ndata: {\"type\":\"closed\",\"code\":1012,\"reason\":\"1234\"}\n\n"
        )
    }

    @Test("a log entry is encoded once for all streams, and as a socket's message is")
    func entry() {
        let access = MemoryAccess()
        let log = MemoryEventLog()
        log.create("salon/7/appointments")
        let entry = LogEntry(log.commit("salon/7/appointments"), access: access)
        let variant = FrameVariant(shape: .full, deflated: false, streamed: true)
        let text = String(buffer: entry.frame(variant))
        #expect(text == "event: thing:changed\ndata: \(String(buffer: entry.text(.full)))\n\n")
        #expect(entry.frame(variant) == entry.frame(variant))
    }
}
