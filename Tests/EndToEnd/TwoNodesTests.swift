import JSON
import REST
import Support
import Testing

@Suite("Two desks, one schedule, two nodes", .inTurn)
struct TwoNodesTests {
    /// Each step is done on one of the nodes; what REST then shows is what both sockets must have heard.
    @Test("every change on either node reaches both, in order, once, equal to what GET returns")
    func changesReachBothNodes() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let (first, second) = (try await salon.login(.admin), try await salon.login(.manager, on: deployment.b))
        let reader = try await salon.login(.receptionist)
        let sockets = [
            try await reader.socket("appointments"), try await reader.at(deployment.b).socket("appointments"),
        ]
        var expected: [(type: String, data: JSONValue)] = []
        func shown(_ type: String, _ answer: HTTPAnswer) async throws -> String {
            let id = try answer.json.id
            expected.append((type, try await reader.get("/appointments/\(id)").expect(200).json))
            return id
        }
        let id = try await shown("appointment:created", try await first.post("/appointments", salon.visit(10)).expect(201))
        _ = try await shown(
            "appointment:updated",
            try await second.put("/appointments/\(id)", ["startTime": "11:00", "endTime": "12:30", "notes": "Перенесено"]).expect(
                200
            )
        )
        _ = try await shown(
            "appointment:updated",
            try await first.patch("/appointments/\(id)/status", ["status": "confirmed"]).expect(200)
        )
        _ = try await shown(
            "appointment:updated",
            try await second.patch("/appointments/\(id)/status", ["status": "arrived"]).expect(200)
        )
        try await second.delete("/appointments/\(id)").expect(204)
        expected.append(
            ("appointment:deleted", ["id": JSONValue(Int64(id)), "date": "2026-05-18", "staffId": JSONValue(salon.olha)])
        )
        _ = try await shown("appointment:created", try await first.post("/appointments/\(id)/restore").expect(200))
        _ = try await shown("appointment:created", try await second.post("/appointments", salon.visit(15)).expect(201))
        for socket in sockets {
            for (index, step) in expected.enumerated() {
                let event = try await socket.expect(step.type)
                #expect(event["seq"]?.int == Int64(index + 1))
                #expect(event["topic"] == "appointments")
                #expect(event["data"] == step.data)
                #expect(event["version"] == step.data["version"])
                #expect(event["at"]?.string?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
            }
            let heads = try await socket.expectNothing()["heads"]
            #expect(heads == ["appointments": JSONValue(expected.count)])
        }
    }

    @Test("writers on both nodes at once: each socket hears one gapless order, the same everywhere")
    func concurrentWriters() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let desk = try await salon.login(.admin)
        let sockets = [try await desk.socket("appointments"), try await desk.at(deployment.b).socket("appointments")]
        let (writers, visits) = (4, 10)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    let desk = desk.at(deployment.nodes[writer % 2])
                    for visit in 0..<visits {
                        try await desk.book(salon.visit(8 + visit, date: "2026-06-0\(writer + 1)"))
                    }
                }
            }
            try await group.waitForAll()
        }
        var orders: [[String]] = []
        for socket in sockets {
            var order: [String] = []
            for seq in 1...(writers * visits) {
                let event = try await socket.expect("appointment:created")
                #expect(event["seq"]?.int == Int64(seq))
                order.append(event["data"]?.id ?? "")
            }
            try await socket.expectNothing()
            orders.append(order)
        }
        #expect(Set(orders[0]).count == writers * visits)
        #expect(orders[0] == orders[1])
    }

    @Test("a notification reaches the users it is for, on either node, and nobody else")
    func notificationsReachTheirReaders() async throws {
        let deployment = try await Deployment.standard.value
        let (salon, other) = (try await Salon.make(on: deployment), try await Salon.make(on: deployment))
        let actor = try await salon.login(.admin)
        var told: [SocketClient] = []
        for (role, node) in [(Role.manager, deployment.a), (.receptionist, deployment.b), (.master, deployment.b)] {
            told.append(try await salon.login(role, on: node).socket("notifications"))
        }
        var untold = [try await actor.socket("notifications"), try await actor.at(deployment.b).socket("notifications")]
        for role in Role.allCases {
            untold.append(try await other.login(role, on: deployment.b).socket("notifications", "appointments"))
        }
        let visit = try await actor.book(salon.visit(10))
        for socket in told {
            let event = try await socket.expect("notification:new")
            let data = try #require(event["data"])
            #expect(event["topic"] == "notifications")
            #expect(event["seq"] == 1)
            #expect(data["title"] == "Новий запис")
            #expect(data["unreadCount"] == 1)
            #expect(data["isRead"] == false)
            #expect(data["read"] == false)
            #expect(data["id"]?.string != nil)
            #expect(data["link"]?.string?.contains("appointments/\(visit.id)") == true)
            #expect(data["message"]?.string?.contains("123 45 67") == false)
            try await socket.expectNothing()
        }
        for socket in untold {
            let heads = try await socket.expectNothing()["heads"]
            #expect(heads?["notifications"] == 0)
        }
    }

    @Test("a master who is not booked is not told, but sees the visit on the socket, without the client's phone")
    func mastersSeeNoPhones() async throws {
        let deployment = try await Deployment.standard.value
        let salon = try await Salon.make(on: deployment)
        let (admin, master) = (try await salon.login(.admin), try await salon.login(.master, on: deployment.b))
        let (full, shaped) = (try await admin.socket("appointments"), try await master.socket("appointments", "notifications"))
        let visit = try await admin.book(salon.visit(10, ["staffId": JSONValue(salon.iryna)]))
        #expect(visit["clientPhone"] == "+380 67 123 45 67")
        #expect(try await full.expect("appointment:created")["data"] == visit)
        let data = try #require(try await shaped.expect("appointment:created")["data"]?.object)
        #expect(data["clientPhone"] == nil)
        #expect(JSONValue.object(data) == JSONValue.object(try #require(visit.object).removing("clientPhone")))
        #expect(try await master.get("/appointments/\(visit.id)").json == .object(data))
        #expect(try await shaped.expectNothing()["heads"]?["notifications"] == 0)
    }

    @Test("another salon's sockets hear nothing of any change")
    func foreignSocketsHearNothing() async throws {
        let deployment = try await Deployment.standard.value
        let (salon, other) = (try await Salon.make(on: deployment), try await Salon.make(on: deployment))
        var foreign: [SocketClient] = []
        for node in deployment.nodes {
            foreign.append(
                try await other.login(.admin, on: node)
                    .socket(
                        "appointments",
                        "notifications",
                        "clients",
                        "staff",
                        "services",
                        "inventory",
                        "finances",
                        "settings",
                        "users"
                    )
            )
        }
        let desk = try await salon.login(.admin)
        let own = try await desk.at(deployment.b).socket("appointments", "clients", "staff", "services")
        let visit = try await desk.book(salon.visit(9))
        try await desk.put("/appointments/\(visit.id)", ["status": "completed"]).expect(200)
        try await desk.delete("/appointments/\(visit.id)").expect(204)
        try await desk.post("/clients", ["firstName": "Ганна", "phone": "0671112233"]).expect(201)
        try await desk.post("/staff", ["firstName": "Леся", "phone": ""]).expect(201)
        try await desk.post("/services", ["name": "Манікюр", "duration": 60, "price": 400]).expect(201)
        try await desk.put("/settings/salon", ["name": "Калина"]).expect(200)
        try await desk.put("/settings/roles/master", ["permissions": []]).expect(200)
        try await desk.patch("/users/\(salon.userID(.master))", ["is_active": false]).expect(200)
        // The order between topics is nobody's promise.
        var types: Set<String> = []
        for _ in 0..<6 {
            if case .message(let event) = try await own.next().0 { types.insert(event["type"]?.string ?? "") }
        }
        #expect(
            types == [
                "appointment:created", "appointment:updated", "appointment:deleted", "client:created", "staff:created",
                "service:created",
            ]
        )
        for socket in foreign {
            let heads = try #require(try await socket.expectNothing()["heads"]?.object)
            #expect(heads.count == 9)
            #expect(heads.allSatisfy { $0.value == 0 })
        }
    }
}
