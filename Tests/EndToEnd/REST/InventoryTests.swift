import Foundation
import JSON
import Postgres
import REST
import Support
import Testing

@Suite("Products and their stock", .inTurn)
struct InventoryTests {
    /// 2.5 as JSON: there is no literal for it, on purpose.
    private static func number(_ text: String) throws -> JSONValue { .number(try #require(JSONNumber(text: text))) }

    @Test("products: created, changed field by field, deleted; equal to what GET shows, on both nodes")
    func products() async throws {
        let (salon, desk) = try await Salon.withDesk(.manager)
        let reader = try await salon.login(.receptionist)
        var ears = try await Ears.open(reader, "inventory", on: salon.deployment)
        // As the page sends it.
        let body: JSONValue = [
            "name": "Шампунь", "sku": "SH-1", "category": "professional", "quantity": 0, "unit": "ml", "price": 250,
            "costPrice": 120, "minQuantity": 5, "packageVolume": 500, "description": "", "isActive": true,
        ]
        let created = try await desk.post("/inventory/products", body).expect(201).json
        let path = "/inventory/products/\(created.id)"
        func shown() async throws -> JSONValue { try await reader.get(path).expect(200).json }
        #expect(try await shown() == created)
        #expect(created["quantity"] == 0 && created["category"] == "professional" && created["unit"] == "ml")
        for name in ["description", "type", "lastRestockDate", "updatedAt"] { #expect(created.object?.contains(name) == false) }
        try await ears.expect("inventory:product-created", created)

        let changed = try await desk.at(salon.deployment.b).put(path, ["price": 260, "type": "догляд", "packageVolume": .null])
            .expect(200).json
        #expect(changed["price"] == 260 && changed["type"] == "догляд" && changed["packageVolume"] == nil)
        #expect(changed["costPrice"] == 120 && changed["sku"] == "SH-1")
        try await ears.expect("inventory:product-updated", changed)
        // The whole object as the page has it, and nothing: no change, no event, no audit entry.
        for same in [changed, [:], ["quantity": 0]] { #expect(try await desk.put(path, same).expect(200).json == changed) }

        let cleared = try await desk.put(
            path,
            ["sku": .null, "category": .null, "unit": "", "price": .null, "minQuantity": .null, "isActive": .null]
        ).expect(200).json
        #expect(cleared["sku"] == "" && cleared["category"] == "uncategorized" && cleared["unit"] == "pcs")
        #expect(cleared["price"] == 0 && cleared["minQuantity"] == 0 && cleared["isActive"] == true)
        try await ears.expect("inventory:product-updated", cleared)

        let bad: JSONValue = [
            "name": "", "price": -1, "quantity": try Self.number("1.2345"), "minQuantity": "5", "isActive": "так", "unit": 7,
        ]
        try await desk.put(path, bad)
            .expectError(422, "VALIDATION_ERROR", fields: ["name", "price", "quantity", "minQuantity", "isActive", "unit"])
        try await desk.post("/inventory/products", [:]).expectError(422, "VALIDATION_ERROR", fields: ["name"])
        try await desk.delete(path).expect(204)
        try await ears.expect("inventory:product-deleted", ["id": try #require(created["id"])])
        for answer in [
            try await desk.get(path), try await desk.put(path, [:]), try await desk.delete(path),
            try await desk.get(path + "/history"),
            try await desk.post("/inventory/stock-movement", ["productId": .string(created.id), "type": "in", "quantity": 1]),
        ] { answer.expectError(404, "NOT_FOUND") }
        try await ears.expectNothing()
        #expect(
            try await salon.audit("product") == ["created Шампунь", "updated Шампунь", "updated Шампунь", "deleted Шампунь"]
        )
    }

    @Test("a SKU is one product's, whatever its letters' case, until that is deleted; any number of products have none")
    func skus() async throws {
        let (_, desk) = try await Salon.withDesk()
        let first = try await desk.post("/inventory/products", ["name": "Фарба", "sku": "Фб-1"]).expect(201).json
        try await desk.post("/inventory/products", ["name": "Інша", "sku": "фБ-1"]).expectError(409, "SKU_TAKEN", fields: ["sku"])
        let other = try await desk.post("/inventory/products", ["name": "Інша", "sku": ""]).expect(201).json
        #expect(try await desk.post("/inventory/products", ["name": "Третя"]).expect(201).json["sku"] == "")
        try await desk.put("/inventory/products/\(other.id)", ["sku": "ФБ-1"]).expectError(409, "SKU_TAKEN", fields: ["sku"])
        try await desk.put("/inventory/products/\(first.id)", ["sku": "ФБ-1"]).expect(200)
        try await desk.delete("/inventory/products/\(first.id)").expect(204)
        try await desk.put("/inventory/products/\(other.id)", ["sku": "фб-1"]).expect(200)
    }

    @Test("lists: by name, by a part of name or SKU, by category, type, state of stock and activity, in pages")
    func lists() async throws {
        let (_, desk) = try await Salon.withDesk()
        let rows: [JSONObject] = [
            ["name": "Ґель", "sku": "G-1", "category": "retail", "quantity": 0, "minQuantity": 0],
            ["name": "Гребінець", "category": "equipment", "quantity": 3, "minQuantity": 3, "type": "інструмент"],
            ["name": "Віск об’єм", "category": "retail", "quantity": 10, "minQuantity": 3, "isActive": false],
        ]
        for row in rows { try await desk.post("/inventory/products", .object(row)).expect(201) }
        func names(_ query: String) async throws -> [String?] {
            let query = try #require(query.addingPercentEncoding(withAllowedCharacters: .urlQueryAllowed))
            return try #require(try await desk.get("/inventory/products" + query).expect(200).json.array).map {
                $0["name"]?.string
            }
        }
        #expect(try await names("") == ["Віск об’єм", "Гребінець", "Ґель"])
        #expect(try await names("?search=ГРЕБ") == ["Гребінець"])
        #expect(try await names("?search=g-1") == ["Ґель"])
        #expect(try await names("?search=об'єм") == ["Віск об’єм"])
        #expect(try await names("?search=%").isEmpty)
        #expect(try await names("?search=&category=all&type=&stockStatus=all").count == 3)
        #expect(try await names("?category=retail") == ["Віск об’єм", "Ґель"])
        #expect(try await names("?type=інструмент") == ["Гребінець"])
        #expect(try await names("?stockStatus=out") == ["Ґель"])
        #expect(try await names("?stockStatus=low") == ["Гребінець"])
        #expect(try await names("?stockStatus=ok") == ["Віск об’єм"])
        #expect(try await names("?isActive=false") == ["Віск об’єм"])
        let page = try await desk.get("/inventory/products?page=2&limit=2").expect(200)
        #expect(page.header("x-total-count") == "3" && page.header("x-topic-seq") == "5")
        #expect(try page.json.array?.count == 1)
        try await desk.get("/inventory/products?stockStatus=x").expectError(422, "VALIDATION_ERROR", fields: ["stockStatus"])
    }

    @Test("movements come, go and are counted, exact to the thousandth, and are told with the product that they leave")
    func movements() async throws {
        let (salon, desk) = try await Salon.withDesk(.manager)
        var ears = try await Ears.open(desk, "inventory", on: salon.deployment)
        let product = try await desk.post("/inventory/products", ["name": "Олія", "unit": "l", "quantity": 2, "minQuantity": 1])
            .expect(201).json
        #expect(product["quantity"] == 2 && product["lastRestockDate"] != nil && product["updatedAt"] == nil)
        try await ears.expect("inventory:product-created", product)
        #expect(try await ears.expect("inventory:movement-created")["reason"] == "Початковий залишок")
        let (path, id) = ("/inventory/products/\(product.id)", try #require(product["id"]))
        func move(_ type: JSONValue, _ quantity: String, _ more: JSONObject = [:]) async throws -> JSONValue {
            let body: JSONObject = ["productId": id, "type": type, "quantity": try Self.number(quantity)]
            let answer = try await desk.post("/inventory/stock-movement", .object(body.merging(more))).expect(201).json
            var movement = try #require(answer.object)
            #expect(movement["message"]?.string?.isEmpty == false && movement["newQuantity"] == movement["balance"])
            (movement["message"], movement["newQuantity"]) = (nil, nil)
            try await ears.expect("inventory:movement-created", .object(movement))
            let shown = try await desk.get(path).json
            if movement["change"] != 0 { try await ears.expect("inventory:product-updated", shown) }
            #expect(shown["quantity"] == movement["balance"])
            return .object(movement)
        }
        // As the window sends it: the id as text.
        let first = try await move(
            "in",
            "0.125",
            ["productId": .string(product.id), "reason": "Закупівля", "documentNumber": "7"]
        )
        #expect(
            first["balance"] == (try Self.number("2.125")) && first["reason"] == "Закупівля" && first["documentNumber"] == "7"
        )
        #expect(first["createdBy"] == JSONValue(salon.userID(.manager)) && first["author"] == "Оксана manager")
        // 0.1 + 0.2 as a browser counts.
        #expect(try await move("out", "0.30000000000000004")["change"] == (try Self.number("-0.3")))
        let counted = try await move("adjustment", "1.001")
        #expect(counted["change"] == (try Self.number("-0.824")) && counted["quantity"] == counted["balance"])
        #expect(try await move("adjustment", "1.001")["change"] == 0)
        // A quantity that is written into the product is an adjustment, beside what else changes.
        let written = try await desk.put(path, ["quantity": 4, "price": 90]).expect(200).json
        #expect(written["quantity"] == 4 && written["price"] == 90)
        #expect(try await ears.expect("inventory:movement-created")["type"] == "adjustment")
        try await ears.expect("inventory:product-updated", written)
        #expect(try await desk.put(path, ["quantity": .null]).expect(200).json == written)
        // All but nothing, and nothing more.
        let answer = try await desk.post("/inventory/stock-movement", ["productId": id, "type": "out", "quantity": 5])
        answer.expectError(409, "INSUFFICIENT_STOCK")
        #expect(answer["available"] == 4)
        #expect(try await move("out", "4")["balance"] == 0)
        try await ears.expectNothing()

        let history = try await desk.get(path + "/history").expect(200)
        let rows = try #require(history.json.array)
        #expect(rows.map { $0["type"]?.string } == ["out", "adjustment", "adjustment", "adjustment", "out", "in", "in"])
        #expect(history.header("x-total-count") == "7" && rows.last?["reason"] == "Початковий залишок")
        #expect(try await desk.get(path + "/history?page=2&perPage=5").json.array?.count == 2)
        // The product's own entries say how much there was: no second one for the movement.
        #expect(try await salon.audit("product").count == 6)
    }

    @Test("what is no movement is refused field by field, and changes nothing")
    func refusals() async throws {
        let (_, desk) = try await Salon.withDesk()
        let product = try await desk.post("/inventory/products", ["name": "Олія", "quantity": 2]).expect(201).json
        let id = try #require(product["id"])
        func refuse(_ body: JSONValue, _ fields: Set<String>) async throws {
            try await desk.post("/inventory/stock-movement", body).expectError(422, "VALIDATION_ERROR", fields: fields)
        }
        try await refuse([:], ["productId", "type", "quantity"])
        try await refuse(["productId": "x", "type": "sell", "quantity": -1], ["productId", "type", "quantity"])
        try await refuse(["productId": id, "type": "in", "quantity": 0], ["quantity"])
        try await refuse(["productId": id, "type": "out", "quantity": try Self.number("0.0001")], ["quantity"])
        try await refuse(["productId": id, "type": "in", "quantity": try Self.number("999999999.999")], ["quantity"])
        try await desk.post("/inventory/stock-movement", ["productId": 999_999_999, "type": "in", "quantity": 1])
            .expectError(404, "NOT_FOUND")
        #expect(try await desk.get("/inventory/products/\(product.id)").json == product)
        #expect(try await desk.get("/inventory/products/\(product.id)/history").json.array?.count == 1)
    }

    @Test("a movement with an Idempotency-Key moves once, whichever node is asked again")
    func idempotency() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let product = try await desk.post("/inventory/products", ["name": "Олія"]).expect(201).json
        let body: JSONValue = ["productId": try #require(product["id"]), "type": "in", "quantity": 3]
        let key = [("Idempotency-Key", "once")]
        let first = try await desk.post("/inventory/stock-movement", body, key).expect(201).json
        #expect(try await desk.at(salon.deployment.b).post("/inventory/stock-movement", body, key).expect(201).json == first)
        #expect(try await desk.get("/inventory/products/\(product.id)").json["quantity"] == 3)
    }

    @Test("admins and managers are told once that the minimum is reached, each in their language, and again after a delivery")
    func lowStock() async throws {
        let (salon, desk) = try await Salon.withDesk(.manager)
        let admin = try await salon.login(.admin)
        try await admin.put("/settings/profile", ["preferences": ["language": "en"]]).expect(200)
        _ = try await salon.deployment.database.client.query(
            "UPDATE users SET language = 'en' WHERE id = \(salon.userID(.admin))"
        )
        let product = try await desk.post(
            "/inventory/products",
            ["name": "Олія", "unit": "ml", "quantity": 10, "minQuantity": 4]
        ).expect(201).json
        let path = "/inventory/products/\(product.id)"
        let socket = try await admin.socket("notifications")
        func move(_ type: JSONValue, _ quantity: JSONValue) async throws {
            let body: JSONValue = ["productId": try #require(product["id"]), "type": type, "quantity": quantity]
            try await desk.post("/inventory/stock-movement", body).expect(201)
        }
        try await move("out", 5)
        try await move("out", 1)
        let told = try await socket.expect("notification:new")["data"]
        #expect(told?["type"] == "warning" && told?["title"] == "Running out" && told?["link"] == .string(path))
        #expect(told?["message"] == "Олія: 4 ml left, minimum 4 ml")
        // Further down, and a higher minimum: known already.
        try await move("out", 2)
        try await desk.put(path, ["quantity": 1, "minQuantity": 6]).expect(200)
        try await move("in", 9)
        // By the product's own window.
        try await desk.put(path, ["quantity": 6]).expect(200)
        #expect(try await socket.expect("notification:new")["data"]?["message"] == "Олія: 6 ml left, minimum 6 ml")
        // The window sends both: the minimum before is reached, behind whatever the new one is.
        try await desk.put(path, ["quantity": 5, "minQuantity": 2]).expect(200)
        try await desk.put(path, ["quantity": 1, "minQuantity": 9]).expect(200)
        #expect(try await socket.expect("notification:new")["data"]?["message"] == "Олія: 1 ml left, minimum 9 ml")
        try await desk.put(path, ["quantity": 6, "minQuantity": 6]).expect(200)
        try await socket.expectNothing()
        let own = try #require(try await desk.get("/notifications").expect(200)["data"].array)
        #expect(
            own.map { $0["message"]?.string } == [
                "Олія: залишилося 1 мл, мінімум 9 мл", "Олія: залишилося 6 мл, мінімум 6 мл",
                "Олія: залишилося 4 мл, мінімум 4 мл",
            ]
        )
        for role in [Role.receptionist, .master] {
            #expect(try await salon.login(role).get("/notifications").expect(200)["data"] == [])
        }
        // Not those that may not see the stock any more.
        let words: JSONValue = ["permissions": ["calendar.view", "settings.view"]]
        try await admin.put("/settings/roles/manager", words).expect(200)
        let third: JSONValue = ["productId": try #require(product["id"]), "type": "out", "quantity": 1]
        try await desk.post("/inventory/stock-movement", third).expectError(403, "FORBIDDEN")
        try await admin.post(
            "/inventory/stock-movement",
            ["productId": try #require(product["id"]), "type": "in", "quantity": 1]
        )
        .expect(201)
        try await admin.post("/inventory/stock-movement", third).expect(201)
        _ = try await socket.expect("notification:new")
        #expect(try await desk.get("/notifications").expect(200)["data"].array?.count == 3)
    }
}
