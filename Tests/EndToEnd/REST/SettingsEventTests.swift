import JSON
import Postgres
import REST
import Support
import Testing

@Suite("Changed settings, roles, profiles and accounts are heard", .inTurn)
struct SettingsEventTests {
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
                "strictHours": true, "legalName": "ФОП Коваль", "city": "Київ", "description": "Біля парку\nІз кавою",
                "openingDate": "2020-5-1",
                "workingHours": ["mon": ["start": "08:00", "end": "21:00", "isOpen": true], "sunday": ["isOpen": false]],
                "socialUrls": ["instagram": "https://instagram.test/kalyna", "facebook": "", "myspace": "x"],
            ]
        ).expect(200).json
        #expect(changed["name"] == "Калина" && changed["currency"] == "EUR" && changed["language"] == "uk")
        #expect(changed["legalName"] == "ФОП Коваль" && changed["city"] == "Київ" && changed["openingDate"] == "2020-05-01")
        #expect(changed["description"] == "Біля парку\nІз кавою")
        #expect(changed["workingHours"]?["mon"] == ["start": "08:00", "end": "21:00", "isOpen": true])
        #expect(changed["workingHours"]?["sun"]?["isOpen"] == false)
        #expect(changed["socialUrls"] == ["instagram": "https://instagram.test/kalyna"])
        #expect(try await manager.get("/settings/salon").json == changed)
        try await ears.expect("settings:updated", changed)
        #expect(try await admin.put("/settings/salon", changed).expect(200).json == changed)
        // A day that is not named stays.
        let later = try await admin.put(
            "/settings/salon",
            ["workingHours": ["tue": ["isOpen": false]], "website": .null, "city": "", "openingDate": .null]
        ).expect(
            200
        ).json
        #expect(later["workingHours"]?["mon"] == changed["workingHours"]?["mon"] && later["website"] == nil)
        #expect(later["city"] == nil && later["openingDate"] == nil && later["legalName"] == changed["legalName"])
        try await ears.expect("settings:updated", later)
        // A day that is closed keeps its times, and opens with them again.
        for isOpen in [false, true] {
            let week = try await admin.put("/settings/salon", ["workingHours": ["mon": ["isOpen": .bool(isOpen)]]]).expect(200)
            #expect(week["workingHours"]["mon"] == ["start": "08:00", "end": "21:00", "isOpen": .bool(isOpen)])
            try await ears.expect("settings:updated")
        }
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
        #expect(roles.header("x-topic-seq") == "4")
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
        #expect(try await salon.audit("settings") == Array(repeating: "updated Калина", count: 4))
        #expect(try await salon.audit("role") == ["updated master", "updated master"])
        let changes = try #require(try await admin.get("/overview/changes").expect(200)["data"].array)
        #expect(
            changes.prefix(2).map { $0["details"]?.string } == [
                "added: clients.view; removed: loyalty.cards.issue",
                "added: loyalty.cards.issue; removed: clients.view, services.view",
            ]
        )
    }

    @Test("whoever gets a role in the moment in which that may do something else is told what it may by then")
    func roleMeanwhile() async throws {
        // A database of its own: who waits in it is looked at.
        let deployment = try await Deployment.start(nodes: 1)
        let salon = try await Salon.make(on: deployment)
        let (admin, master) = (try await salon.login(.admin), try await salon.login(.master))
        let socket = try await master.socket("notifications")
        let database = deployment.database
        @Sendable func waits(_ count: Int64) async throws {
            try await poll("\(count) wait") { try await database.waitingForLocks() == count ? () : nil }
        }
        let words: JSONValue = ["calendar.view", "reports.view"]
        let (role, account) = try await database.client.transaction { connection in
            _ = try await connection.query("SELECT 1 FROM salons WHERE id = \(salon.id) FOR NO KEY UPDATE")
            let role = Task { try await admin.put("/settings/roles/receptionist", ["permissions": words]) }
            try await waits(1)
            let account = Task { try await admin.patch("/users/\(salon.userID(.master))", ["role": "receptionist"]) }
            try await waits(2)
            return (role, account)
        }
        try await role.value.expect(200)
        try await account.value.expect(200)
        let told = try await socket.expect("account:updated")["data"]
        #expect(told?["role"] == "receptionist" && told?["permissions"] == words)
        try await deployment.stop()
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
        // The whole profile, sent back with another name in one of its two spellings.
        let profile = try #require(named.json.object)
        let renamed = try await master.put("/settings/profile", .object(profile.merging(["name": "Ольга Коваль"]))).expect(200)
        #expect(renamed["name"] == "Ольга Коваль" && renamed["lastName"] == "Коваль")
        try await ears.expect("user:updated")
        let again = try #require(renamed.json.object)
        let parted = try await master.put("/settings/profile", .object(again.merging(["lastName": "Бойко"]))).expect(200)
        #expect(parted["name"] == "Ольга Бойко")
        try await ears.expect("user:updated")
        try await master.put("/settings/profile", parted.json).expect(200)
        try await master.put("/settings/profile", ["name": " "]).expectError(422, "VALIDATION_ERROR", fields: ["name"])
        try await master.put("/settings/profile", ["email": .string(salon.email(.admin))]).expectError(
            409,
            "EMAIL_TAKEN"
        )
        try await master.put("/settings/profile", ["email": .null, "firstName": "", "preferences": [], "language": "fr"])
            .expectError(422, "VALIDATION_ERROR", fields: ["email", "firstName", "preferences", "language"])
        try await ears.expectNothing()
    }

    @Test("preferences come back as they were kept, nulls too; what the database cannot keep or makes long is refused")
    func preferences() async throws {
        let (_, master) = try await Salon.withDesk(.master)
        let kept: JSONValue = ["theme": .null, "filters": [.null, ["from": .null]], "zoom": try JSONValue(parsing: "1.5")]
        #expect(try await master.put("/settings/profile", ["preferences": kept]).expect(200)["preferences"] == kept)
        for number in ["1e131071", "1e999999", "-0.0000000000000000000000000000000001"] {
            let bad: JSONValue = ["preferences": ["deep": [["x": try JSONValue(parsing: number)]]]]
            try await master.put("/settings/profile", bad).expectError(422, "VALIDATION_ERROR", fields: ["preferences"])
        }
        for bad in [["k\u{0}": 1], ["k": "v\u{0}"]] as [JSONValue] {
            try await master.put("/settings/profile", ["preferences": bad])
                .expectError(422, "VALIDATION_ERROR", fields: ["preferences"])
        }
        let bad: JSONValue = ["firstName": "a\u{0}", "address": "b\u{0}", "avatar": "\u{0}"]
        try await master.put("/settings/profile", bad)
            .expectError(422, "VALIDATION_ERROR", fields: ["firstName", "address", "avatar"])
        #expect(try await master.get("/settings/profile")["preferences"] == kept)
        let cleared = try await master.put("/settings/profile", ["preferences": .null]).expect(200)
        #expect(try cleared.json.object?.contains("preferences") == false)
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
        #expect(try await salon.audit("user").count == 4)
    }
}
