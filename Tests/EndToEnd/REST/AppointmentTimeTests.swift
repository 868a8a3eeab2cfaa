import JSON
import Postgres
import REST
import Support
import Testing

@Suite("Appointments: when, and with whom", .inTurn)
struct AppointmentTimeTests {
    @Test("an end below the start is the next day's; equal times and more than 16 hours are refused")
    func midnight() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let late = try await desk.book(salon.visit(9, ["startTime": "23:00", "endTime": "01:30"]))
        #expect(late["endTime"] == "01:30")
        // The next day's first hours are taken by it, and not a minute more.
        let overlapping = salon.visit(9, date: "2026-05-19", ["startTime": "01:00", "endTime": "02:00"])
        #expect(try await desk.post("/appointments", overlapping)["conflict"] == late)
        try await desk.book(salon.visit(9, date: "2026-05-19", ["startTime": "01:30", "endTime": "02:30"]))
        for (start, end) in [("10:00", "10:00"), ("10:00", "09:00"), ("06:00", "22:01"), ("00:00", "23:00")] {
            let body = salon.visit(9, date: "2026-05-20", ["startTime": .string(start), "endTime": .string(end)])
            try await desk.post("/appointments", body).expectError(422, "VALIDATION_ERROR", fields: ["endTime"])
        }
        try await desk.book(salon.visit(9, date: "2026-05-20", ["startTime": "06:00", "endTime": "22:00"]))
        let path = "/appointments/\(late.id)"
        try await desk.put(path, ["endTime": "23:00"]).expectError(422, "VALIDATION_ERROR", fields: ["endTime"])
        try await desk.put(path, ["startTime": "01:30"]).expectError(422, "VALIDATION_ERROR", fields: ["endTime"])
        try await desk.put(path, ["startTime": "02:00"]).expectError(422, "VALIDATION_ERROR", fields: ["endTime"])
    }

    @Test("touching visits do not conflict, overlapping ones do: on creation, in time, to another master, and back to life")
    func overlaps() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let first = try await desk.book(salon.visit(10))
        try await desk.book(salon.visit(11))
        try await desk.book(salon.visit(9))
        let elsewhere = try await desk.book(salon.visit(10, ["staffId": JSONValue(salon.iryna)]))
        try await desk.book(salon.visit(10, ["staffId": .null]))
        for (start, end) in [("10:00", "11:00"), ("10:15", "10:30"), ("08:30", "09:01"), ("10:59", "12:30"), ("08:00", "13:00")] {
            let answer = try await desk.post(
                "/appointments",
                salon.visit(10, ["startTime": .string(start), "endTime": .string(end)])
            )
            answer.expectError(409, "SLOT_TAKEN")
            #expect(answer["conflict"]["staffId"]?.int == salon.olha)
        }
        let later = try await desk.book(salon.visit(15))
        let path = "/appointments/\(later.id)"
        #expect(try await desk.put(path, ["startTime": "10:30", "endTime": "11:00"])["conflict"] == first)
        #expect(try await desk.put(path, ["date": "2026-05-18", "startTime": "14:30", "version": 1]).status == 200)
        let moved = try await desk.put("/appointments/\(elsewhere.id)", ["staffId": JSONValue(salon.olha)])
        moved.expectError(409, "SLOT_TAKEN")
        #expect(moved["conflict"] == first)
        // A visit never conflicts with itself.
        try await desk.put("/appointments/\(first.id)", ["startTime": "10:00", "endTime": "10:45", "notes": "x"]).expect(200)
        // Cancelled and missed visits free their time, and ask for it again when they come back.
        for status in ["cancelled", "no-show"] {
            let day = status == "cancelled" ? "2026-05-21" : "2026-05-22"
            let visit = try await desk.book(salon.visit(10, date: day))
            try await desk.patch("/appointments/\(visit.id)/status", ["status": .string(status)]).expect(200)
            let taker = try await desk.book(salon.visit(10, date: day))
            let back = try await desk.patch("/appointments/\(visit.id)/status", ["status": "scheduled"])
            back.expectError(409, "SLOT_TAKEN")
            #expect(back["conflict"] == taker)
            try await desk.delete("/appointments/\(taker.id)").expect(204)
            try await desk.patch("/appointments/\(visit.id)/status", ["status": "scheduled"]).expect(200)
        }
    }

    @Test("a deliberate overlap is for admins and managers")
    func allowOverlap() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let (manager, receptionist) = (try await salon.login(.manager), try await salon.login(.receptionist))
        try await desk.book(salon.visit(10))
        for actor in [desk, manager] {
            #expect(try await actor.book(salon.visit(10, ["allowOverlap": true]))["allowOverlap"] == true)
        }
        try await receptionist.post("/appointments", salon.visit(10, ["allowOverlap": true])).expectError(403, "FORBIDDEN")
        try await receptionist.post("/appointments", salon.visit(10, ["allowOverlap": false])).expectError(409, "SLOT_TAKEN")
        let later = try await desk.book(salon.visit(15))
        let path = "/appointments/\(later.id)"
        try await receptionist.put(path, ["startTime": "10:00", "endTime": "11:00", "allowOverlap": true]).expectError(
            403,
            "FORBIDDEN"
        )
        try await manager.put(path, ["startTime": "10:00", "endTime": "11:00", "allowOverlap": true]).expect(200)
        // It stays where it is when something else changes, whoever changes it.
        #expect(try await receptionist.put(path, ["notes": "x"]).expect(200)["startTime"] == "10:00")
    }

    @Test("whoever sends a whole visit back may send its deliberate overlap too, as long as it stays where it is")
    func keptOverlap() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let receptionist = try await salon.login(.receptionist)
        try await desk.book(salon.visit(10))
        let double = try await desk.book(salon.visit(10, ["allowOverlap": true]))
        let path = "/appointments/\(double.id)"
        let whole = try #require(double.object)
        let noted = try await receptionist.put(path, .object(whole.merging(["notes": "x"]))).expect(200).json
        #expect(noted["allowOverlap"] == true)
        let again = try #require(noted.object)
        try await receptionist.put(path, .object(again.merging(["startTime": "10:30"]))).expectError(403, "FORBIDDEN")
        try await receptionist.put(path, .object(again.merging(["staffId": JSONValue(salon.iryna)])))
            .expectError(403, "FORBIDDEN")
    }

    @Test("the visit of a master who has left can be kept and restored, and nothing new be booked with them")
    func formerMasters() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let visit = try await desk.book(salon.visit(10))
        let path = "/appointments/\(visit.id)"
        try await desk.delete(path).expect(204)
        try await salon.deployment.database.client.query("UPDATE staff SET is_active = false WHERE id = \(salon.olha)")
        let restored = try await desk.post(path + "/restore").expect(200).json
        #expect(restored["staffId"]?.int == salon.olha)
        try await desk.put(path, .object(try #require(restored.object).merging(["startTime": "10:15"]))).expect(200)
        try await desk.post("/appointments", salon.visit(15)).expectError(422, "VALIDATION_ERROR", fields: ["staffId"])
        let other = try await desk.book(salon.visit(16, ["staffId": JSONValue(salon.iryna)]))
        try await desk.put("/appointments/\(other.id)", ["staffId": JSONValue(salon.olha)])
            .expectError(422, "VALIDATION_ERROR", fields: ["staffId"])
    }

    @Test("strict hours refuse what lies outside a master's schedule, new or come back; without them it is allowed")
    func strictHours() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let database = salon.deployment.database.client
        let schedule =
            #"{"mon": {"enabled": true, "from": "09:00", "to": "18:00", "breaks": [{"from": "13:00", "to": "14:00"}]}}"#
        try await database.query("UPDATE staff SET schedule = \(PostgresJSON(text: schedule)) WHERE id = \(salon.olha)")
        let early = try await desk.book(salon.visit(7))
        try await database.query("UPDATE salons SET strict_hours = true WHERE id = \(salon.id)")
        try await desk.book(salon.visit(9))
        for visit in [salon.visit(8), salon.visit(18), salon.visit(13), salon.visit(10, date: "2026-05-19")] {
            try await desk.post("/appointments", visit).expectError(422, "OUTSIDE_WORKING_HOURS")
        }
        try await desk.book(salon.visit(6, ["staffId": JSONValue(salon.iryna)]))
        // What is there may stay, and be told apart from what comes back.
        try await desk.put("/appointments/\(early.id)", ["notes": "вчасно"]).expect(200)
        try await desk.delete("/appointments/\(early.id)").expect(204)
        try await desk.post("/appointments/\(early.id)/restore").expectError(422, "OUTSIDE_WORKING_HOURS")
        let cancelled = try await desk.book(salon.visit(20, ["status": "cancelled"]))
        let path = "/appointments/\(cancelled.id)"
        try await desk.patch(path + "/status", ["status": "scheduled"]).expectError(422, "OUTSIDE_WORKING_HOURS")
        // What is over was when it was.
        try await desk.patch(path + "/status", ["status": "completed"]).expect(200)
        try await desk.put(path, ["status": "confirmed", "startTime": "16:00", "endTime": "17:00"]).expect(200)
    }
}
