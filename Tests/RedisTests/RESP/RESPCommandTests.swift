import NIOCore
import Testing

@testable import Redis

@Suite struct RESPCommandTests {
    static let commands: [([RedisArgument], String)] = [
        (["PING"], "*1\r\n$4\r\nPING\r\n"),
        (["SET", "ключ", 12], "*3\r\n$3\r\nSET\r\n$8\r\nключ\r\n$2\r\n12\r\n"),
        (["", ""], "*2\r\n$0\r\n\r\n$0\r\n\r\n"),
        (
            [.bytes([0, 13, 10]), .buffer(ByteBuffer(string: "%s")), .integer(-7)],
            "*3\r\n$3\r\n\u{0}\r\n\r\n$2\r\n%s\r\n$2\r\n-7\r\n"
        ),
    ]

    @Test(arguments: commands)
    func `arguments travel as binary-safe bulk strings`(arguments: [RedisArgument], wire: String) throws {
        #expect(String(buffer: try RESPCommand.encode(arguments)) == wire)
    }

    @Test func `a command of 10,000 arguments reads back as it was`() throws {
        let arguments = (0..<10_000).map { RedisArgument.string(String(repeating: "x", count: $0 % 7)) }
        var reader = RESPReader(limits: RESPLimits())
        try reader.feed(RESPCommand.encode(arguments))
        let value = try reader.next()
        #expect(value?.elements?.map(\.string) == (0..<10_000).map { String(repeating: "x", count: $0 % 7) })
    }
}
