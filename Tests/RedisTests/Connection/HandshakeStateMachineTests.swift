import Testing

@testable import Redis

@Suite struct HandshakeStateMachineTests {
    @Test func `it says only what the URL asks for, and PING last`() throws {
        let plain = HandshakeStateMachine(configuration: RedisConfiguration(host: "h")).commands
        #expect(plain == [["PING"]])

        var full = try RedisConfiguration(url: "redis://desk:secret@h/3")
        full.clientName = "node-a"
        let commands = HandshakeStateMachine(configuration: full).commands
        #expect(commands == [["AUTH", "desk", "secret"], ["SELECT", 3], ["CLIENT", "SETNAME", "node-a"], ["PING"]])
    }

    @Test func `it is ready after the last answer`() throws {
        var machine = HandshakeStateMachine(configuration: try RedisConfiguration(url: "redis://:secret@h/3"))
        let outcomes = [machine.outcome(.simple("OK")), machine.outcome(.simple("OK")), machine.outcome(.simple("PONG"))]
        #expect(outcomes == ["wait", "wait", "ready"])
    }

    static let failures: [(replies: [String], outcome: String)] = [
        (["-WRONGPASS invalid"], "authenticationFailed: WRONGPASS invalid"),
        (["-ERR unknown command, with args: `hunter2`"], "authenticationFailed: ERR unknown command, with args: `***`"),
        (["-LOADING Redis is loading"], "loading: LOADING Redis is loading"),
        (["+OK", "-ERR DB index is out of range"], "serverError: ERR DB index is out of range"),
        (["+OK", "+OK", "-ERR no names", "-NOAUTH needed"], "authenticationRequired: NOAUTH needed"),
        (["+OK", "+OK", "-NOPERM no", "-NOPERM no"], "ready"),
    ]

    @Test(arguments: failures)
    func `a refusal is told for what it is, without the password`(replies: [String], outcome: String) throws {
        var configuration = try RedisConfiguration(url: "redis://:hunter2@h/3")
        configuration.clientName = "node-a"
        var machine = HandshakeStateMachine(configuration: configuration)
        var last = ""
        for reply in replies {
            last = machine.outcome(reply.hasPrefix("-") ? .error(String(reply.dropFirst())) : .simple(reply))
        }
        #expect(last == outcome)
    }
}

extension HandshakeStateMachine {
    fileprivate mutating func outcome(_ reply: RESPValue) -> String {
        switch self.received(reply) {
        case .wait: "wait"
        case .ready: "ready"
        case .fail(let error): "\(error)"
        }
    }
}
