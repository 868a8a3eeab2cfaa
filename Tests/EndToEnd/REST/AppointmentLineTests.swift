import JSON
import REST
import Support
import Testing

@Suite("Appointments: clients, services and prices", .inTurn)
struct AppointmentLineTests {
    @Test("a service's name may be as long as the contract lets it, in any script")
    func longName() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let name = String(String.UnicodeScalarView((0x4E00..<0x4E00 + 1_000).compactMap { Unicode.Scalar(UInt32($0)) }))
        let made = try await desk.book(salon.visit(9, ["service": .string(name), "status": "completed"]))
        #expect(made["services"]?[0]?["name"] == .string(name))
    }

    @Test("clients are linked by their phone's digits, services by their name; masks are never values")
    func linking() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let client = try await desk.post("/clients", ["firstName": "Марія", "lastName": "Шевченко", "phone": "067 123-45-67"])
            .expect(201).json
        var hour = 8
        func book(_ more: JSONObject) async throws -> JSONValue {
            hour += 1
            return try await desk.book(salon.visit(hour, more))
        }
        for phone in ["0671234567", "+38 (067) 123 45 67", "80671234567"] {
            let visit = try await book(["clientPhone": .string(phone)])
            #expect(visit["clientId"] == client["id"])
            #expect(visit["clientPhone"]?.string == phone)
        }
        for phone in ["•••• 4567", "*** 1234567", ""] {
            let visit = try await book(["clientPhone": .string(phone)])
            #expect(visit["clientPhone"] == nil)
            #expect(visit["clientId"] == nil)
        }
        let byID = try await book(["clientId": client["id"] ?? .null, "clientName": .null, "clientPhone": .null])
        #expect(byID["clientName"] == "Марія Шевченко")
        #expect(byID["clientId"] == client["id"])
        let path = "/appointments/\(byID.id)"
        try await desk.put(path, ["clientPhone": "0671234567"]).expect(200)
        for mask in ["•••• 4567", "********67"] {
            let kept = try await desk.put(path, ["clientPhone": .string(mask), "notes": .string(mask)]).expect(200)
            #expect(kept["clientPhone"] == "0671234567")
            #expect(kept["clientId"] == client["id"])
        }
        for (text, service) in [("стрижка", salon.haircut), ("  ФАРБУВАННЯ ", salon.colouring)] {
            #expect(try await book(["service": .string(text)])["serviceId"]?.int == service)
        }
        let unknown = try await book(["service": "12345"])
        #expect(unknown["serviceId"] == nil)
        #expect(unknown["serviceName"] == "12345")
        #expect(try await book(["service": ""])["services"] == [])
    }

    @Test("a visit that gets another client gets their phone; a number put right leaves it to its own")
    func otherClients() async throws {
        let (salon, desk) = try await Salon.withDesk()
        func client(_ name: String, _ phone: String) async throws -> JSONValue {
            try await desk.post("/clients", ["firstName": .string(name), "phone": .string(phone)]).expect(201).json
        }
        let (first, second) = (try await client("Марія", "0671112233"), try await client("Інна", "0672223344"))
        var byID = try #require(salon.visit(9, ["clientId": first["id"] ?? .null]).object)
        for said in ["clientName", "clientPhone"] { byID[said] = nil }
        let booked = try await desk.book(.object(byID))
        #expect(booked["clientPhone"] == "0671112233")
        let path = "/appointments/\(booked.id)"
        func put(_ change: JSONObject) async throws -> [JSONValue?] {
            let visit = try await desk.put(path, .object(change)).expect(200).json
            return [visit["clientId"], visit["clientName"], visit["clientPhone"]]
        }
        #expect(try await put(["clientId": second["id"] ?? .null]) == [second["id"], "Інна", "0672223344"])
        // Its mask is what somebody was shown of the one before.
        let masked: JSONObject = ["clientId": first["id"] ?? .null, "clientPhone": "•••• 3344"]
        #expect(try await put(masked) == [first["id"], "Марія", "0671112233"])
        // Whoever sends all fields back sends that of the one before.
        let whole: JSONObject = ["clientId": second["id"] ?? .null, "clientPhone": "0671112233"]
        #expect(try await put(whole) == [second["id"], "Інна", "0672223344"])
        #expect(try await put(["clientId": first["id"] ?? .null]) == [first["id"], "Марія", "0671112233"])
        let own: JSONObject = ["clientId": second["id"] ?? .null, "clientPhone": "0679998877"]
        #expect(try await put(own) == [second["id"], "Інна", "0679998877"])
        // Nobody has this number: under the same name it was put right, under another one it is somebody else.
        #expect(try await put(["clientName": "Інна", "clientPhone": "0679998878"]) == [second["id"], "Інна", "0679998878"])
        #expect(try await put(["clientPhone": "067 111 22 33"]) == [first["id"], "Інна", "067 111 22 33"])
        #expect(try await put(["clientName": "Олег", "clientPhone": "0679998879"]) == [nil, "Олег", "0679998879"])
        // So it is without any number, or with what is none; a name that is put right changes nobody.
        for none in ["", "немає"] as [JSONValue] {
            let phone = none == "" ? Optional<JSONValue>.none : none
            let again: JSONObject = ["clientId": second["id"] ?? .null, "clientName": "Інна", "clientPhone": "0672223344"]
            #expect(try await put(again) == [second["id"], "Інна", "0672223344"])
            #expect(try await put(["clientName": "Інна С."]) == [second["id"], "Інна С.", "0672223344"])
            #expect(try await put(["clientName": "Інна С.", "clientPhone": none]) == [second["id"], "Інна С.", phone])
            #expect(try await put(again) == [second["id"], "Інна", "0672223344"])
            #expect(try await put(["clientName": "Олег", "clientPhone": none]) == [nil, "Олег", phone])
        }
    }

    @Test("several services become lines, and the price is split over those with a list price, to the cent")
    func lines() async throws {
        let (salon, desk) = try await Salon.withDesk()
        func line(_ id: Int64?, _ name: String, _ price: String?, _ duration: Int64?) throws -> JSONValue {
            var line = JSONObject()
            if let id { line["serviceId"] = JSONValue(id) }
            line["name"] = .string(name)
            if let price { line["price"] = try JSONValue(parsing: price) }
            if let duration { line["duration"] = JSONValue(duration) }
            return .object(line)
        }
        let both = try await desk.book(salon.visit(9, ["service": "Фарбування, Стрижка", "price": 1_000]))
        #expect(both["serviceName"] == "Фарбування, Стрижка")
        #expect(both["serviceId"]?.int == salon.colouring)
        #expect(
            both["services"] == [
                try line(salon.colouring, "Фарбування", "750", 120), try line(salon.haircut, "Стрижка", "250", 60),
            ]
        )
        // A cent that does not divide goes to the last line with a price; a line that is in no list has none.
        let odd = try await desk.book(
            salon.visit(10, ["service": "Стрижка, Подарунок, Фарбування", "price": try JSONValue(parsing: "100.01")])
        )
        #expect(
            odd["services"] == [
                try line(salon.haircut, "Стрижка", "25", 60), try line(nil, "Подарунок", nil, nil),
                try line(salon.colouring, "Фарбування", "75.01", 120),
            ]
        )
        #expect(odd["price"]?.number?.text == "100.01")
        let given = try await desk.book(
            salon.visit(
                11,
                [
                    "services": [try line(salon.haircut, "Стрижка", "10.5", 30), try line(nil, "Чай", "0", nil)], "price": .null,
                ]
            )
        )
        #expect(given["services"] == [try line(salon.haircut, "Стрижка", "10.5", 30), try line(nil, "Чай", "0", nil)])
        #expect(given["serviceName"] == "Стрижка, Чай")
        let path = "/appointments/\(both.id)"
        // The edit window sends the text back: the lines stay.
        #expect(
            try await desk.put(path, ["service": "Фарбування, Стрижка", "notes": "x"]).expect(200)["services"] == both["services"]
                ?? .null
        )
        let repriced = try await desk.put(path, ["service": "Фарбування, Стрижка", "price": 2_000]).expect(200)
        #expect(
            repriced["services"] == [
                try line(salon.colouring, "Фарбування", "1500", 120), try line(salon.haircut, "Стрижка", "500", 60),
            ]
        )
        let one = try await desk.put(path, ["service": "Стрижка"]).expect(200)
        #expect(one["services"] == [try line(salon.haircut, "Стрижка", "2000", 60)])
        #expect(one["serviceId"].int == salon.haircut)
    }
}
