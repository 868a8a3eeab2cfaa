import JSON
import NIOCore

/// A command's `id`: any JSON number or string, echoed as it came.
typealias CommandID = JSONValue

/// What a client says on its socket (the protocol's "commands").
enum Command {
    case auth(token: String)
    case subscribe(topic: String, since: Int64?, epoch: String?)
    case unsubscribe(topic: String)
    case ping
    case enter(room: String, state: JSONObject?)
    case leave(room: String)
    case hold(SlotWish)
    case release(SlotWish)

    /// What a socket may say of itself in a room, in bytes of JSON.
    static let maximumStateBytes = 1_024

    /// Why a message is no command.
    struct Malformed: Error {
        var message: String
        var id: CommandID?
    }

    /// Reads one message. Unknown fields are ignored.
    ///
    /// - Parameter text: UTF-8, as it came
    /// - Returns: the command and its `id`, if it has one
    static func parse(_ text: ByteBuffer) throws(Malformed) -> (Command, CommandID?) {
        let message: JSONValue
        do {
            message = try unsafe text.withUnsafeReadableBytes { bytes throws(JSONError) in
                try unsafe JSONValue(parsing: bytes, limits: JSONLimits(maxDepth: 16))
            }
        } catch {
            throw Malformed(message: "The message is not JSON: \(error.message)")
        }
        guard case .object(let fields) = message else { throw Malformed(message: "A command is a JSON object") }
        let id: CommandID?
        switch fields["id"] {
        case .number(let number): id = .number(number)
        case .string(let string) where string.utf8.count <= 256: id = .string(string)
        case nil, .null: id = nil
        default: throw Malformed(message: "id must be a number or a string of at most 256 bytes")
        }
        guard case .string(let type) = fields["type"] else { throw Malformed(message: "type must be a string", id: id) }
        switch type {
        case "auth":
            return (.auth(token: try self.string("token", in: fields, id, maximum: 4_096)), id)
        case "subscribe":
            let topic = try self.string("topic", in: fields, id)
            let since = try self.position("since", in: fields, id)
            let epoch = fields["epoch"].map { $0 == .null } ?? true ? nil : try self.string("epoch", in: fields, id)
            return (.subscribe(topic: topic, since: since, epoch: epoch), id)
        case "unsubscribe":
            return (.unsubscribe(topic: try self.string("topic", in: fields, id)), id)
        case "ping":
            return (.ping, id)
        case "presence:enter":
            return (.enter(room: try self.room(in: fields, id), state: try self.state(in: fields, id)), id)
        case "presence:leave":
            return (.leave(room: try self.room(in: fields, id)), id)
        case "slot:hold":
            return (.hold(try self.slot(in: fields, id)), id)
        case "slot:release":
            return (.release(try self.slot(in: fields, id)), id)
        default:
            throw Malformed(message: "There is no command of this type", id: id)
        }
    }

    /// The `id` of a message, be it a command or not.
    static func id(of text: ByteBuffer) -> CommandID? {
        do throws(Malformed) {
            return try self.parse(text).1
        } catch {
            return error.id
        }
    }

    private static func string(
        _ name: String,
        in fields: JSONObject,
        _ id: CommandID?,
        maximum: Int = 256
    ) throws(Malformed) -> String {
        guard case .string(let value) = fields[name] else { throw Malformed(message: "\(name) must be a string", id: id) }
        guard value.utf8.count <= maximum else { throw Malformed(message: "\(name) is too long", id: id) }
        return value
    }

    private static func room(in fields: JSONObject, _ id: CommandID?) throws(Malformed) -> String {
        let room = try self.string("room", in: fields, id, maximum: 64)
        guard !room.isEmpty else { throw Malformed(message: "room must not be empty", id: id) }
        return room
    }

    private static func state(in fields: JSONObject, _ id: CommandID?) throws(Malformed) -> JSONObject? {
        switch fields["state"] {
        case nil, .null: return nil
        case .object(let state):
            guard JSONValue.object(state).jsonBytes.count <= self.maximumStateBytes else {
                throw Malformed(message: "state is too long", id: id)
            }
            return state
        default: throw Malformed(message: "state must be an object", id: id)
        }
    }

    /// Whether what it says is a slot is for whoever keeps them to say.
    private static func slot(in fields: JSONObject, _ id: CommandID?) throws(Malformed) -> SlotWish {
        func text(_ name: String) throws(Malformed) -> String? {
            fields[name].map { $0 == .null } ?? true ? nil : try self.string(name, in: fields, id, maximum: 32)
        }
        return SlotWish(
            staffID: try self.position("staffId", in: fields, id),
            date: try text("date"),
            startTime: try text("startTime"),
            endTime: try text("endTime"),
            fence: try self.position("fence", in: fields, id)
        )
    }

    private static func position(_ name: String, in fields: JSONObject, _ id: CommandID?) throws(Malformed) -> Int64? {
        switch fields[name] {
        case nil, .null: return nil
        case .number(let number):
            guard let value = number.int else { throw Malformed(message: "\(name) must be an integer", id: id) }
            return value
        default: throw Malformed(message: "\(name) must be an integer", id: id)
        }
    }
}
