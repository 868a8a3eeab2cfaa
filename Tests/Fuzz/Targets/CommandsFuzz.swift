#if DEBUG || ADELANTE_FUZZ  // Hub keeps its commands to itself: only these builds open it for tests
    import JSON
    import NIOCore

    @testable import Hub

    /// What clients say, from its bytes to the answer's.
    public enum CommandsFuzz {
        /// Takes the input for a client's message.
        public static func run(_ input: [UInt8]) {
            JSONFuzz.run(input)
            let text = ByteBuffer(bytes: input)
            let id: CommandID?
            do throws(Command.Malformed) {
                let (command, its) = try Command.parse(text)
                id = its
                Self.check(command, id, input)
            } catch {
                demand(!error.message.isEmpty && error.message.utf8.count <= 200, "It is no command because: \(error.message)")
                id = error.id
            }
            demand(Command.id(of: text) == id, "The id is \(String(describing: id)), or not")
            Self.checkAnswer(Reply.error(.badRequest, "a message", retryAfter: 5, id: id), type: "error", id, members: 4)
        }

        private static func check(_ command: Command, _ id: CommandID?, _ input: [UInt8]) {
            guard case .object(let fields) = JSONFuzz.parsed(input, JSONLimits(maxDepth: 16)) else {
                fatalError("A command is read from what is no object: \(command)")
            }
            switch command {
            case .auth(let token):
                demand(fields["type"] == "auth" && fields["token"] == .string(token), "\(command)")
                demand(token.utf8.count <= 4_096, "A token has \(token.utf8.count) bytes")
            case .subscribe(let topic, let since, let epoch):
                demand(fields["type"] == "subscribe", "\(command)")
                self.checkTopic(topic, fields)
                demand((fields["since"]?.int) == since, "\(command)")
                demand((fields["epoch"]?.string) == epoch && (epoch?.utf8.count ?? 0) <= 256, "\(command)")
                let answer = Reply.subscribed(topic: topic, seq: since ?? 0, epoch: epoch ?? "", recovered: true, id: id)
                self.checkAnswer(answer, type: "subscribed", id, members: 5)
            case .unsubscribe(let topic):
                demand(fields["type"] == "unsubscribe", "\(command)")
                self.checkTopic(topic, fields)
                self.checkAnswer(Reply.unsubscribed(topic: topic, id: id), type: "unsubscribed", id, members: 2)
            case .ping:
                demand(fields["type"] == "ping", "\(command)")
                self.checkAnswer(Reply.pong(heads: [("salon", 1)], id: id), type: "pong", id, members: 3)
            case .enter(let room, let state):
                demand(fields["type"] == "presence:enter" && fields["room"] == .string(room), "\(command)")
                demand((1...64).contains(room.utf8.count), "A room has \(room.utf8.count) bytes")
                let length = state.map { JSONValue.object($0).jsonBytes.count } ?? 0
                demand(length <= Command.maximumStateBytes, "A state has \(length) bytes")
            case .leave(let room):
                demand(fields["type"] == "presence:leave" && fields["room"] == .string(room), "\(command)")
            case .hold(let slot):
                demand(fields["type"] == "slot:hold", "\(command)")
                self.checkSlot(slot, fields)
            case .release(let slot):
                demand(fields["type"] == "slot:release", "\(command)")
                self.checkSlot(slot, fields)
            }
        }

        private static func checkSlot(_ slot: SlotWish, _ fields: JSONObject) {
            demand(slot.staffID == fields["staffId"]?.int && slot.fence == fields["fence"]?.int, "The slot is \(slot)")
            let texts = [("date", slot.date), ("startTime", slot.startTime), ("endTime", slot.endTime)]
            for (name, text) in texts {
                demand(fields[name]?.string == text && (text?.utf8.count ?? 0) <= 32, "The slot is \(slot)")
            }
        }

        private static func checkTopic(_ topic: String, _ fields: JSONObject) {
            demand(fields["topic"] == .string(topic), "The topic is \(topic)")
            demand(topic.utf8.count <= 256, "A topic has \(topic.utf8.count) bytes")
            let answer = JSONFuzz.parsed(Array(Reply.unsubscribed(topic: topic, id: nil).readableBytesView))
            demand(answer?["topic"]?.jsonBytes == topic.jsonBytes, "The answer names another topic than \(topic)")
        }

        /// - Parameter members: how many the answer has besides the id
        private static func checkAnswer(_ answer: ByteBuffer, type: String, _ id: CommandID?, members: Int) {
            guard case .object(let fields) = JSONFuzz.parsed(Array(answer.readableBytesView)) else {
                fatalError("This answer is no JSON object: \(String(buffer: answer))")
            }
            demand(fields["type"] == .string(type), "This answer is not of type \(type): \(fields.text)")
            demand(fields["id"]?.jsonBytes == id?.jsonBytes, "This answer has not the id that came: \(fields.text)")
            demand(fields.count == members + (id == nil ? 0 : 1), "This answer has \(fields.count) members: \(fields.text)")
            if case .string(let text) = id { demand(text.utf8.count <= 256, "An id has \(text.utf8.count) bytes") }
        }
    }
#endif
