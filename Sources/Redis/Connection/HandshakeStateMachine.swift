/// What a new connection says before it is usable: `AUTH`, `SELECT`, `CLIENT SETNAME` and `PING`, sent at once, answered in order.
///
/// `PING` is last so that a server which would refuse every command (`NOAUTH`, `LOADING`, `MASTERDOWN`) is found out here.
struct HandshakeStateMachine: ~Copyable {
    enum Step: Equatable {
        case authenticate
        case select
        case setName
        case ping
    }

    enum ReplyAction {
        case wait
        case ready
        case fail(RedisError)
    }

    private var steps: [Step] = []
    private let secret: String?
    /// The commands to send, in order.
    let commands: [[RedisArgument]]

    init(configuration: RedisConfiguration) {
        var commands: [[RedisArgument]] = []
        if let password = configuration.password {
            commands.append(["AUTH"] + (configuration.username.map { [.string($0)] } ?? []) + [.string(password)])
            self.steps.append(.authenticate)
        }
        if configuration.database != 0 {
            commands.append(["SELECT", .integer(configuration.database)])
            self.steps.append(.select)
        }
        if let name = configuration.clientName {
            commands.append(["CLIENT", "SETNAME", .string(name)])
            self.steps.append(.setName)
        }
        commands.append(["PING"])
        self.steps.append(.ping)
        // Answers come in the order of the commands: the last element is the next.
        self.steps.reverse()
        self.secret = configuration.password
        self.commands = commands
    }

    mutating func received(_ reply: RESPValue) -> ReplyAction {
        guard let step = self.steps.popLast() else {
            preconditionFailure("A finished handshake takes no replies")
        }
        if case .error(let text) = reply {
            let error = RedisError(reply: self.redacted(text))
            switch step {
            case .authenticate:
                // Every refusal of AUTH means the same to the person who reads it.
                let known: Set<RedisError.Code> = [.loading, .masterDown, .busy]
                return .fail(known.contains(error.code) ? error : RedisError(.authenticationFailed, error.message))
            case .select:
                return .fail(error)
            case .setName:
                // An ACL may forbid it; a name is only for people.
                return .wait
            case .ping:
                // An ACL may forbid PING, and has then answered what PING asks.
                return error.code == .noPermission ? .ready : .fail(error)
            }
        }
        return self.steps.isEmpty ? .ready : .wait
    }

    /// A server that doesn't know `AUTH` repeats its arguments in the error.
    private func redacted(_ text: String) -> String {
        guard let secret = self.secret, !secret.isEmpty else { return text }
        var clean = ""
        var rest = text[...]
        while let range = rest.firstRange(of: secret) {
            clean += rest[..<range.lowerBound] + "***"
            rest = rest[range.upperBound...]
        }
        return clean + rest
    }
}
