import JSON
import Support

extension Salon {
    /// A command about an hour of the first master's time, from this hour on.
    func slot(_ hour: Int, command: String = "slot:hold", date: String = "2026-05-18", _ more: JSONObject = [:]) -> JSONValue {
        let slot: JSONObject = [
            "type": .string(command), "staffId": JSONValue(self.olha), "date": .string(date),
            "startTime": .string(Self.time(hour)), "endTime": .string(Self.time(hour + 1)),
        ]
        return .object(slot.merging(more))
    }
}

extension SocketClient {
    /// Holds a slot, and expects that nobody else does.
    ///
    /// - Returns: the hold
    @discardableResult
    func hold(_ command: JSONValue, file: String = #fileID, line: Int = #line) async throws -> JSONValue {
        let answer = try await self.ask(command, "slot:held", file: file, line: line)
        guard let hold = answer["data"], hold["fence"]?.int != nil else { throw Unexpected("\(answer)", file: file, line: line) }
        return hold
    }

    /// Enters a room.
    ///
    /// - Returns: its members
    @discardableResult
    func enter(_ room: String, _ state: JSONValue? = nil, file: String = #fileID, line: Int = #line) async throws -> [JSONValue] {
        var command: JSONObject = ["type": "presence:enter", "room": .string(room)]
        if let state { command["state"] = state }
        let answer = try await self.ask(.object(command), "subscribed", file: file, line: line)
        guard answer["topic"]?.string == "presence:\(room)", answer["seq"] == nil else {
            throw Unexpected("\(answer)", file: file, line: line)
        }
        let members = try await self.expect("presence:members", file: file, line: line)
        return members["data"]?["members"]?.array ?? []
    }

    /// The next message, a released hold with this reason.
    @discardableResult
    func expectReleased(
        _ fence: JSONValue?,
        _ reason: String,
        within limit: Duration = .seconds(20),
        file: String = #fileID,
        line: Int = #line
    ) async throws -> JSONValue {
        let event = try await self.expect("slot:released", within: limit, file: file, line: line)
        guard event["data"]?["fence"] == fence, event["data"]?["reason"]?.string == reason else {
            throw Unexpected("\(event) instead of \(reason)", file: file, line: line)
        }
        return event
    }
}
