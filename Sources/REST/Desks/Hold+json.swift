import Desks
import Hub
import JSON
import NIOCore

extension Hold {
    /// As everybody of the salon gets it: no session, no socket.
    var json: JSONObject {
        self.slot.json.merging([
            "fence": JSONValue(self.fence), "userId": JSONValue(self.userID), "name": .string(self.name),
            "expiresAt": .string(Timestamp.text(self.expiresAt * 1_000)),
        ])
    }

    /// As everybody gets it that it is over: `released`, `moved`, `booked`, `disconnected` or `expired`.
    func gone(_ reason: String) -> SlotEvent {
        let json = self.slot.json.merging(["fence": JSONValue(self.fence), "reason": .string(reason)])
        return SlotEvent(type: "slot:released", data: ByteBuffer(bytes: JSONValue.object(json).jsonBytes))
    }

    var held: SlotEvent {
        SlotEvent(type: "slot:held", data: ByteBuffer(bytes: JSONValue.object(self.json).jsonBytes))
    }
}

extension Slot {
    var json: JSONObject {
        [
            "staffId": JSONValue(self.staffID), "date": .string(self.date), "startTime": .string(self.startTime),
            "endTime": .string(self.endTime),
        ]
    }
}
