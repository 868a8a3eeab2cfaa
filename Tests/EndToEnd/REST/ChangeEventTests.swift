import JSON
import Postgres
import REST
import Support
import Testing

@Suite("What is changed is heard by every screen that may show it", .inTurn)
struct ChangeEventTests {
    /// The entries of a salon's audit log, oldest first: entity, action, author.
    private static func audit(_ salon: Salon, _ entity: String) async throws -> [String] {
        let rows = try await salon.deployment.database.client.query(
            "SELECT action || ' ' || entity_name AS entry FROM audit_log WHERE salon_id = \(salon.id) AND entity = \(entity) ORDER BY id"
        )
        return try rows.map { try $0.get("entry") }
    }

    @Test("clients: created, changed field by field, deleted; equal to what GET shows, on both nodes")
    func clients() async throws {
        let (salon, desk) = try await Salon.withDesk(.receptionist)
        let second = desk.at(salon.deployment.b)
        let reader = try await salon.login(.manager)
        var ears = try await Ears.open(reader, "clients", on: salon.deployment)
        let body: JSONValue = [
            "firstName": "Ганна", "lastName": "Мороз", "phone": "067 123 45 67", "email": "h@mail.test", "birthDate": "1990-5-3",
            "notes": "алергія", "discount": 5, "gender": "female",
        ]
        let path = "/clients/\(try await desk.post("/clients", body).expect(201).json.id)"
        func shown() async throws -> JSONValue { try await reader.get(path).expect(200).json }
        let created = try await shown()
        try await ears.expect("client:created", created)

        let changed = try await second.put(path, ["lastName": "Коваль", "notes": .null, "birthDate": "1991-12-31"]).expect(200)
            .json
        #expect(changed["lastName"] == "Коваль" && changed["birthDate"] == "1991-12-31")
        #expect(changed["notes"] == nil && changed["updatedAt"] != nil)
        for name in ["firstName", "phone", "email", "discount", "gender"] { #expect(changed[name] == created[name], "\(name)") }
        #expect(try await shown() == changed)
        try await ears.expect("client:updated", changed)

        // A mask, the same once more, and nothing: no change, no event, no audit entry.
        for same in [["phone": "•••• 4567"], ["lastName": "Коваль", "discount": 5, "phone": "067 123 45 67"], [:]] as [JSONValue]
        {
            #expect(try await desk.put(path, same).expect(200).json == changed)
        }
        // The whole object as the page has it is no change either.
        #expect(try await desk.put(path, changed).expect(200).json == changed)

        let cleared = try await desk.put(path, ["phone": "", "email": "", "gender": .null, "discount": .null]).expect(200).json
        #expect(cleared["phone"] == "" && cleared["discount"] == 0)
        for name in ["email", "gender"] { #expect(cleared.object?.contains(name) == false) }
        try await ears.expect("client:updated", cleared)

        try await desk.put(path, ["firstName": "", "birthDate": "31.12.1990", "discount": -1, "gender": "x"])
            .expectError(422, "VALIDATION_ERROR", fields: ["firstName", "birthDate", "discount", "gender"])
        try await desk.put(path, ["firstName": .null]).expectError(422, "VALIDATION_ERROR", fields: ["firstName"])
        try await desk.post("/clients", ["firstName": "Інна", "phone": "+380671234567"]).expect(201)
        try await ears.expect("client:created")
        try await desk.put(path, ["phone": "8 067 123-45-67"]).expectError(409, "PHONE_TAKEN", fields: ["phone"])

        try await second.delete(path).expect(204)
        try await ears.expect("client:deleted", ["id": try #require(created["id"])])
        for answer in [try await desk.get(path), try await desk.put(path, [:]), try await desk.delete(path)] {
            answer.expectError(404, "NOT_FOUND")
        }
        try await ears.expectNothing()
        #expect(
            try await Self.audit(salon, "client") == [
                "created Ганна Мороз", "updated Ганна Коваль", "updated Ганна Коваль", "created Інна", "deleted Ганна Коваль",
            ]
        )
        // What was private is not kept there.
        let details: PostgresJSON = try await salon.deployment.database.value(
            "SELECT jsonb_agg(details ORDER BY id) FROM audit_log WHERE salon_id = \(salon.id) AND entity = 'client'"
        )
        #expect(!details.text.contains("123") && !details.text.contains("mail.test"))
        #expect(try JSONValue(parsing: details.text)[1]?["lastName"] == ["from": "Мороз", "to": "Коваль"])
    }

    @Test("a client's figures follow its completed visits, also when two are completed at once on two nodes")
    func figures() async throws {
        let (salon, desk) = try await Salon.withDesk()
        var ears = try await Ears.open(desk, "clients", on: salon.deployment)
        let client = try await desk.post("/clients", ["firstName": "Ганна", "phone": "0671112233"]).expect(201).json
        let other = try await desk.post("/clients", ["firstName": "Інна", "phone": "0679998877"]).expect(201).json
        for _ in 0..<2 { try await ears.expect("client:created") }
        func shown(_ client: JSONValue) async throws -> JSONValue { try await desk.get("/clients/\(client.id)").json }
        func book(_ hour: Int, _ status: String = "scheduled") async throws -> JSONValue {
            try await desk.book(salon.visit(hour, ["clientId": client["id"] ?? .null, "status": .string(status)]))
        }
        let visit = try await book(9)
        let path = "/appointments/\(visit.id)"
        // Neither booking nor moving counts.
        try await desk.put(path, ["startTime": "09:30", "notes": "x"]).expect(200)
        try await desk.patch(path + "/status", ["status": "completed"]).expect(200)
        #expect(try await ears.expect("client:updated", try await shown(client))["totalVisits"] == 1)
        try await desk.put(path, ["notes": "y"]).expect(200)
        try await desk.put(path, ["price": 700]).expect(200)
        #expect(try await ears.expect("client:updated", try await shown(client))["totalSpent"] == 700)
        try await desk.put(path, ["clientId": other["id"] ?? .null]).expect(200)
        #expect(try await ears.expect("client:updated", try await shown(client))["totalVisits"] == 0)
        #expect(try await ears.expect("client:updated", try await shown(other))["totalVisits"] == 1)
        try await desk.delete(path).expect(204)
        #expect(try await ears.expect("client:updated", try await shown(other))["totalVisits"] == 0)
        try await desk.post(path + "/restore").expect(200)
        #expect(try await ears.expect("client:updated", try await shown(other))["totalVisits"] == 1)
        _ = try await book(11, "completed")
        #expect(try await ears.expect("client:updated", try await shown(client))["totalVisits"] == 1)
        let visits = [try await book(13), try await book(15)]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (visit, node) in zip(visits, salon.deployment.nodes) {
                group.addTask {
                    try await desk.at(node).patch("/appointments/\(visit.id)/status", ["status": "completed"]).expect(200)
                }
            }
            try await group.waitForAll()
        }
        #expect(try await ears.expect("client:updated")["totalVisits"] == 2)
        #expect(try await ears.expect("client:updated", try await shown(client))["totalVisits"] == 3)
        try await ears.expectNothing()
        #expect(try await Self.audit(salon, "client").count == 2)
    }

    @Test("services: created, changed, switched off by either word, deleted")
    func services() async throws {
        let (salon, desk) = try await Salon.withDesk(.manager)
        let reader = try await salon.login(.master)
        var ears = try await Ears.open(reader, "services", on: salon.deployment)
        let made = try await desk.post("/services", ["name": "Манікюр", "duration": 60, "price": 400, "color": "#aabbcc"]).expect(
            201
        )
        let path = "/services/\(try made.json.id)"
        func step(_ change: JSONValue) async throws -> JSONValue {
            let body = try await desk.at(salon.deployment.b).put(path, change).expect(200).json
            #expect(try await reader.get(path).expect(200).json == body)
            try await ears.expect("service:updated", body)
            return body
        }
        try await ears.expect("service:created", try await reader.get(path).json)
        #expect(try await step(["price": try JSONValue(parsing: "450.5"), "duration": 75, "color": .null])["color"] == nil)
        #expect(try await step(["status": "inactive"])["isActive"] == false)
        #expect(try await step(["isActive": true])["status"] == "active")
        #expect(try await step(["description": "з покриттям", "category": ""])["category"] == "other")
        try await desk.put(path, ["status": "active", "name": "Манікюр"]).expect(200)
        try await desk.put(path, ["price": .null, "duration": 0, "name": "", "color": "red"])
            .expectError(422, "VALIDATION_ERROR", fields: ["price", "duration", "name", "color"])
        try await desk.delete(path).expect(204)
        try await ears.expect("service:deleted", ["id": try #require(try made.json["id"])])
        try await desk.get(path).expectError(404, "NOT_FOUND")
        try await ears.expectNothing()
        #expect(try await Self.audit(salon, "service").count == 6)
    }

    @Test("staff: changed, invited anew with another e-mail, and working hours in all three forms")
    func staff() async throws {
        let (salon, admin) = try await Salon.withDesk()
        let reader = try await salon.login(.receptionist)
        var ears = try await Ears.open(reader, "staff", on: salon.deployment)
        let email = "new.\(salon.email(.master))"
        let made = try await admin.post("/staff", ["firstName": "Леся", "phone": "", "email": .string(email), "salary": 100])
            .expect(201)
        let path = "/staff/\(try made.json.id)"
        try await ears.expect("staff:created", try await reader.get(path).json)
        let changed = try await admin.at(salon.deployment.b).put(
            path,
            [
                "lastName": "Українка", "role": "manager", "specialization": "брови", "salary": .null,
                "email": .string("x.\(email)"),
            ]
        ).expect(200).json
        #expect(changed["position"] == "manager" && changed["specializations"] == ["брови"])
        #expect(changed.object?.contains("salary") == false)
        try await ears.expect("staff:updated", try await reader.get(path).json)
        #expect(try await admin.put(path, changed).expect(200).json == changed)
        let invited: [String] = try await salon.deployment.database.value(
            "SELECT array_agg(email) FROM staff_invitations WHERE salon_id = \(salon.id)"
        )
        #expect(invited == ["x.\(email)"])
        try await admin.post("/staff", ["firstName": "Інша", "phone": "", "email": .string(email)]).expect(201)
        try await ears.expect("staff:created")
        try await admin.put(path, ["email": .string(email)]).expectError(409, "EMAIL_TAKEN")

        let day: JSONValue = ["enabled": true, "from": "10:00", "to": "18:00", "breaks": [["from": "13:00", "to": "14:00"]]]
        let forms: JSONValue = [
            "mon": day,
            "tuesday": ["isWorkDay": true, "startTime": "10:00", "endTime": "18:00", "breakStart": "13:00", "breakEnd": "14:00"],
            "wed": ["start": "10:00", "end": "18:00", "breaks": [["from": "13:00", "to": "14:00"]]],
            "thu": ["enabled": false, "from": "10:00", "to": "18:00"], "fri": .null,
        ]
        try await admin.post(path + "/schedule", ["work_days": forms, "exceptions": []]).expect(200)
        let expected: JSONValue = ["mon": day, "tue": day, "wed": day, "thu": ["enabled": false], "fri": ["enabled": false]]
        #expect(try await ears.expect("staff:updated", try await reader.get(path).json)["schedule"] == expected)
        // 2026-05-18 is a Monday.
        let off: JSONValue = ["date": "2026-05-19", "type": "vacation", "reason": "море"]
        try await admin.post(path + "/schedule", ["exceptions": [off]]).expect(200)
        #expect(try await ears.expect("staff:updated", try await reader.get(path).json)["exceptions"] == [off])
        try await admin.post(path + "/schedule", ["workDays": forms, "exceptions": [off]]).expect(200)
        let week = try await reader.get(path + "/schedule?dateFrom=2026-05-18&dateTo=2026-05-24").expect(200)
        #expect(week["workDays"] == expected && week["exceptions"] == [off])
        let days = try #require(week["schedule"].array)
        #expect(days.compactMap { $0["isWorkingDay"]?.bool } == [true, false, true, false, false, false, false])
        #expect(
            days.prefix(2) == [
                [
                    "date": "2026-05-18", "dayOfWeek": "mon", "isWorkingDay": true, "workFrom": "10:00", "workTo": "18:00",
                    "breaks": [["from": "13:00", "to": "14:00"]],
                ],
                ["date": "2026-05-19", "dayOfWeek": "tue", "isWorkingDay": false, "exception": "vacation", "reason": "море"],
            ]
        )
        #expect(try await reader.get(path + "/schedule")["schedule"].array?.count == 7)
        #expect(try await reader.get("/staff/\(salon.iryna)/schedule")["schedule"][0]?["isWorkingDay"] == true)
        try await admin.post(
            path + "/schedule",
            ["work_days": ["mon": ["enabled": true], "someday": day], "exceptions": [["date": "x"]]]
        )
        .expectError(422, "VALIDATION_ERROR", fields: ["work_days.mon", "work_days", "exceptions"])
        // Where the salon is strict, a day off is outside working hours.
        try await salon.deployment.database.client.query("UPDATE salons SET strict_hours = true WHERE id = \(salon.id)")
        func book(_ date: String) async throws -> HTTPAnswer {
            try await admin.post("/appointments", salon.visit(10, date: date, ["staffId": try #require(made.json["id"])]))
        }
        try await book("2026-05-19").expectError(422, "OUTSIDE_WORKING_HOURS")
        try await book("2026-05-26").expect(201)
        try await ears.expectNothing()
    }

    @Test("the salon and its roles: a partial change answers the whole, and is heard on settings")
    func settings() async throws {
        let (salon, admin) = try await Salon.withDesk()
        let manager = try await salon.login(.manager)
        var ears = try await Ears.open(manager, "settings", on: salon.deployment)
        let before = try await manager.get("/settings/salon").expect(200)
        #expect(before.header("x-topic-seq") == "0" && before.header("x-topic-epoch") != nil)
        let changed = try await admin.at(salon.deployment.b).put(
            "/settings/salon",
            [
                "name": "Калина", "website": "https://kalyna.test", "currency": "eur", "timezone": "Europe/Warsaw",
                "strictHours": true,
                "workingHours": ["mon": ["start": "08:00", "end": "21:00", "isOpen": true], "sunday": ["isOpen": false]],
                "socialUrls": ["instagram": "https://instagram.test/kalyna", "facebook": "", "myspace": "x"],
            ]
        ).expect(200).json
        #expect(changed["name"] == "Калина" && changed["currency"] == "EUR" && changed["language"] == "uk")
        #expect(changed["workingHours"]?["mon"] == ["start": "08:00", "end": "21:00", "isOpen": true])
        #expect(changed["workingHours"]?["sun"]?["isOpen"] == false)
        #expect(changed["socialUrls"] == ["instagram": "https://instagram.test/kalyna"])
        #expect(try await manager.get("/settings/salon").json == changed)
        try await ears.expect("settings:updated", changed)
        #expect(try await admin.put("/settings/salon", changed).expect(200).json == changed)
        // A day that is not named stays.
        let later = try await admin.put("/settings/salon", ["workingHours": ["tue": ["isOpen": false]], "website": .null]).expect(
            200
        ).json
        #expect(later["workingHours"]?["mon"] == changed["workingHours"]?["mon"] && later["website"] == nil)
        try await ears.expect("settings:updated", later)
        try await admin.put(
            "/settings/salon",
            [
                "name": .null, "currency": "гривня", "timezone": "Kyiv", "language": "fr", "strictHours": "x",
                "workingHours": ["mon": ["start": "21:00", "end": "08:00"]], "socialUrls": [],
            ]
        ).expectError(
            422,
            "VALIDATION_ERROR",
            fields: ["name", "currency", "language", "strictHours", "workingHours.mon", "socialUrls"]
        )
        try await admin.put("/settings/salon", ["timezone": "Europe/Kiev'; --"]).expectError(
            422,
            "VALIDATION_ERROR",
            fields: ["timezone"]
        )

        let roles = try await manager.get("/settings/roles").expect(200)
        #expect(roles.header("x-topic-seq") == "2")
        #expect(try roles.json.array?.compactMap { $0["role"]?.string } == ["admin", "manager", "master", "receptionist"])
        #expect(
            try await manager.get("/settings/roles/master")["permissions"] == ["calendar.view", "clients.view", "services.view"]
        )
        let words: JSONValue = ["calendar.view", "loyalty.cards.issue", "calendar.view"]
        let kept: JSONValue = ["role": "master", "permissions": ["calendar.view", "loyalty.cards.issue"]]
        #expect(try await admin.put("/settings/roles/master", ["permissions": words]).expect(200).json == kept)
        try await ears.expect("role:updated", kept)
        #expect(try await manager.get("/settings/roles/master").json == kept)
        #expect(try await admin.put("/settings/roles/master", kept).expect(200).json == kept)
        let byModule: JSONValue = ["calendar": ["view": true, "edit": false], "clients": ["view": true]]
        #expect(
            try await admin.put("/settings/roles/master", ["permissions": byModule]).expect(200)["permissions"]
                == ["calendar.view", "clients.view"]
        )
        try await ears.expect("role:updated")
        for bad in [["permissions": "all"], ["permissions": [7]], ["permissions": ["a b"]], [:], ["permissions": [""]]]
            as [JSONValue]
        {
            try await admin.put("/settings/roles/master", bad).expectError(422, "VALIDATION_ERROR", fields: ["permissions"])
        }
        // Nobody could give these back.
        try await admin.put("/settings/roles/admin", ["permissions": ["settings.view", "clients.view"]])
            .expectError(422, "VALIDATION_ERROR", fields: ["permissions"])
        try await admin.put("/settings/roles/owner", ["permissions": []]).expectError(404, "NOT_FOUND")
        try await ears.expectNothing()
        #expect(try await Self.audit(salon, "settings") == ["updated Калина", "updated Калина"])
        #expect(try await Self.audit(salon, "role") == ["updated master", "updated master"])
    }

    @Test("a profile is its owner's own: changed in every spelling, the role not; lists of accounts hear of it")
    func profile() async throws {
        let (salon, admin) = try await Salon.withDesk()
        let master = try await salon.login(.master)
        var ears = try await Ears.open(admin, "users", on: salon.deployment)
        var devices = try await Ears.open(master, "notifications", on: salon.deployment)
        let before = try await master.get("/settings/profile").expect(200).json
        #expect(before["id"] == .string("\(salon.userID(.master))") && before["name"] == "Оксана master")
        let changed = try await master.put(
            "/settings/profile",
            [
                "firstName": "Ольга", "last_name": "Коваль", "phone": "0671112233", "role": "admin", "birth_date": "1990-1-2",
                "emergencyContact": "мама", "emergencyPhone": "0509998877", "preferences": ["theme": "dark"], "language": "en",
            ]
        ).expect(200).json
        #expect(changed["name"] == "Ольга Коваль" && changed["role"] == "master" && changed["birthDate"] == "1990-01-02")
        #expect(changed["preferences"] == ["theme": "dark"] && changed["emergencyContact"] == "мама")
        #expect(try await master.at(salon.deployment.b).get("/settings/profile").json == changed)
        let own = try #require(try await master.get("/auth/me").json.object)
        #expect(own["permissions"] == ["calendar.view", "clients.view", "services.view"])
        try await devices.expect("account:updated", .object(own))
        #expect(try await ears.expect("user:updated", .object(own.removing("permissions")))["first_name"] == "Ольга")
        let named = try await master.put(
            "/settings/profile",
            ["name": "Ольга Петрівна Коваль", "birthDate": .null, "phone": .null]
        ).expect(200)
        #expect(named["lastName"] == "Петрівна Коваль")
        for name in ["birthDate", "phone"] { #expect(try named.json.object?.contains(name) == false) }
        #expect(named["emergencyPhone"] == "0509998877")
        try await ears.expect("user:updated")
        try await master.put("/settings/profile", ["email": .string(salon.email(.admin))]).expectError(
            409,
            "EMAIL_TAKEN"
        )
        try await master.put("/settings/profile", ["email": .null, "firstName": "", "preferences": [], "language": "fr"])
            .expectError(422, "VALIDATION_ERROR", fields: ["email", "firstName", "preferences", "language"])
        try await ears.expectNothing()
    }

    @Test("accounts: listed, made, changed; a Telegram account that registered by mistake is freed; the last admin stays")
    func users() async throws {
        let (salon, admin) = try await Salon.withDesk()
        var ears = try await Ears.open(admin, "users", on: salon.deployment)
        let list = try await admin.get("/users").expect(200)
        #expect(try list.json.array?.count == 4)
        #expect(list.header("x-topic-seq") == "0" && list.header("x-total-count") == "4")
        let email = "second.\(salon.email(.admin))"
        let body: JSONObject = [
            "email": .string(email.uppercased()), "password": "new password", "first_name": "Ірина", "role": "receptionist",
        ]
        let made = try await admin.at(salon.deployment.b).post("/users", .object(body)).expect(201).json
        #expect(made["email"] == .string(email) && made["is_active"] == true && made["salon_id"]?.int == salon.id)
        try await ears.expect("user:created", made)
        let login = try await admin.node.http.request(
            "POST",
            "/api/v1/auth/login",
            headers: [("X-Forwarded-For", salon.address)],
            json: ["email": .string(email), "password": "new password"]
        ).expect(200)
        #expect(login["user"].object?.removing("permissions") == made.object)
        #expect(try await admin.get("/users?search=second").json == [made])
        #expect(try await admin.get("/users?role=master&is_active=true").json.array?.count == 1)
        try await admin.post("/users", .object(body)).expectError(409, "EMAIL_TAKEN")
        try await admin.post("/users", ["email": "x", "password": "short", "role": "owner"])
            .expectError(422, "VALIDATION_ERROR", fields: ["email", "password", "first_name", "role"])

        let path = "/users/\(made.id)"
        let telegramID = Int64.random(in: 1_000_000_000...9_000_000_000)
        try await salon.deployment.database.client.query(
            "UPDATE users SET telegram_id = \(telegramID), telegram_username = 'iryna' WHERE id = \(made["id"]?.int)"
        )
        let freed = try await admin.patch(path, ["telegram_id": .null]).expect(200).json
        #expect(freed["telegram_id"] == .null && freed["telegram_username"] == .null)
        try await ears.expect("user:updated", freed)
        try await admin.patch(path, ["telegram_id": 7]).expectError(422, "VALIDATION_ERROR", fields: ["telegram_id"])
        let promoted = try await admin.patch(path, ["role": "admin"]).expect(200).json
        #expect(promoted["role"] == "admin")
        try await ears.expect("user:updated", promoted)
        // The same once more is no change.
        try await admin.patch(path, ["role": "admin", "is_active": true]).expect(200)
        // Now there are two: one may go, the last may not.
        try await admin.patch(path, ["is_active": false]).expect(200)
        try await ears.expect("user:updated")
        let own = "/users/\(salon.userID(.admin))"
        try await admin.patch(own, ["role": "manager"]).expectError(409, "LAST_ADMIN")
        try await admin.patch(own, ["is_active": false]).expectError(409, "LAST_ADMIN")
        try await ears.expectNothing()
        #expect(try await Self.audit(salon, "user").count == 4)
    }
}
