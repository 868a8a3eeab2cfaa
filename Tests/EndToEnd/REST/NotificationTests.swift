import JSON
import REST
import Support
import Testing

@Suite("Notifications", .inTurn)
struct NotificationTests {
    @Test("created, moved, cancelled and deleted visits are told, other changes are not; lists are newest first")
    func kinds() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let (actor, reader) = (try await salon.login(.admin), try await salon.login(.master))
        let visit = try await actor.book(salon.visit(9))
        let path = "/appointments/\(visit.id)"
        try await actor.put(path, ["notes": "x", "price": 1]).expect(200)
        try await actor.put(path, ["startTime": "09:30", "endTime": "10:30"]).expect(200)
        try await actor.patch(path + "/status", ["status": "confirmed"]).expect(200)
        try await actor.patch(path + "/status", ["status": "cancelled"]).expect(200)
        try await actor.delete(path).expect(204)
        let list = try await reader.get("/notifications").expect(200)
        let titles = try #require(list["data"].array).map { $0["title"]?.string }
        #expect(titles == ["Запис видалено", "Запис скасовано", "Запис перенесено", "Новий запис"])
        #expect(list["unreadCount"] == 4)
        #expect(list["meta"] == ["page": 1, "perPage": 4, "total": 4, "totalPages": 1])
        #expect(try await actor.get("/notifications")["data"] == [])
        let page = try await reader.get("/notifications?page=2&perPage=3").expect(200)
        #expect(page["meta"] == ["page": 2, "perPage": 3, "total": 4, "totalPages": 2])
        #expect(page["data"].array?.map { $0["title"]?.string } == ["Новий запис"])
    }

    @Test("read, read-all and delete follow on all of the user's devices, with the count that is left")
    func devices() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let (actor, reader) = (try await salon.login(.admin), try await salon.login(.manager))
        let devices = [
            try await reader.socket("notifications"), try await salon.login(.manager, on: deployment.b).socket("notifications"),
        ]
        var ids: [String] = []
        for hour in 9..<13 {
            try await actor.book(salon.visit(hour))
            for (index, device) in devices.enumerated() {
                let data = try #require(try await device.expect("notification:new")["data"])
                #expect(data["unreadCount"]?.int == Int64(hour - 8))
                if index == 0 { ids.append(data.id) }
            }
        }
        func expect(_ type: String, _ data: JSONValue) async throws {
            for device in devices { #expect(try await device.expect(type)["data"] == data) }
        }
        try await reader.patch("/notifications/\(ids[1])/read").expect(200)
        try await expect("notification:read", ["ids": [.string(ids[1])], "unreadCount": 3])
        // Once more changes nothing, so nothing is told.
        try await reader.at(deployment.b).patch("/notifications/\(ids[1])/read").expect(200)
        try await reader.delete("/notifications/\(ids[0])").expect(204)
        try await expect("notification:deleted", ["id": .string(ids[0]), "unreadCount": 2])
        #expect(try await reader.get("/notifications?read=false")["data"].array?.map(\.id) == [ids[3], ids[2]])
        #expect(try await reader.get("/notifications?unreadOnly=true")["data"].array?.count == 2)
        #expect(try await reader.get("/notifications?read=true")["data"].array?.map(\.id) == [ids[1]])
        try await reader.at(deployment.b).patch("/notifications/read-all").expect(200)
        for device in devices {
            let event = try await device.expect("notification:read")
            #expect(Set(event["data"]?["ids"]?.array ?? []) == [.string(ids[2]), .string(ids[3])])
            #expect(event["data"]?["unreadCount"] == 0)
            try await device.expectNothing()
        }
        #expect(try await reader.get("/notifications")["unreadCount"] == 0)
    }

    @Test("another user's notification is not found")
    func foreign() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let (actor, reader, other) = (
            try await salon.login(.admin), try await salon.login(.manager), try await salon.login(.receptionist)
        )
        try await actor.book(salon.visit(9))
        let id = try #require(try await reader.get("/notifications")["data"].array?.first?.id)
        try await other.patch("/notifications/\(id)/read").expectError(404, "NOT_FOUND")
        try await other.delete("/notifications/\(id)").expectError(404, "NOT_FOUND")
        #expect(try await reader.get("/notifications")["unreadCount"] == 1)
    }

    @Test("whatever happens at once, the counts told in order end at the count that is true")
    func counts() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let (actor, reader) = (try await salon.login(.admin), try await salon.login(.manager))
        for hour in 0..<6 { try await actor.book(salon.visit(hour, date: "2026-08-01")) }
        let ids = try #require(try await reader.get("/notifications")["data"].array).map(\.id)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<12 {
                let node = deployment.nodes[number % 2]
                group.addTask { _ = try await actor.at(node).book(salon.visit(number, date: "2026-08-02")) }
                group.addTask {
                    let id = ids[number % 6]
                    if number % 4 == 3 {
                        _ = try await reader.at(node).delete("/notifications/\(id)")
                    } else {
                        _ = try await reader.at(node).patch("/notifications/\(id)/read")
                    }
                }
            }
            try await group.waitForAll()
        }
        // Replays the user's notifications from the events alone: each count must be right at its place in the order.
        var unread: Set<String> = []
        let present = try await reader.get("/notifications")
        let head = try #require(present.header("x-topic-seq").flatMap { Int64($0) })
        let replay = try await reader.socket()
        try await replay.subscribe("notifications", since: 0)
        for seq in 1...head {
            guard case .message(let event) = try await replay.next().0, let data = event["data"] else {
                throw Unexpected("no event")
            }
            #expect(event["seq"]?.int == seq)
            switch event["type"]?.string {
            case "notification:new": unread.insert(data.id)
            case "notification:read": unread.subtract(data["ids"]?.array?.compactMap(\.string) ?? [])
            case "notification:deleted": unread.remove(data.id)
            case let type: Issue.record("\(type ?? "nothing") among notifications")
            }
            #expect(data["unreadCount"]?.int == Int64(unread.count), "\(event.text)")
        }
        #expect(present["unreadCount"].int == Int64(unread.count))
    }
}
