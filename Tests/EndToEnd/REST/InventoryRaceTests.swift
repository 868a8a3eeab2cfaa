import JSON
import Postgres
import REST
import Support
import Testing

@Suite("Many hands in one stock", .inTurn)
struct InventoryRaceTests {
    @Test("a hundred movements of one product over two nodes: what is there is what came less what went, and never below nothing")
    func hundred() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let product = try await desk.post("/inventory/products", ["name": "Олія", "quantity": 5, "minQuantity": 2]).expect(201)
            .json
        let id = try #require(product["id"])
        let third = try #require(JSONNumber(text: "0.333"))
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for worker in 0..<10 {
                group.addTask {
                    var done = 0
                    for step in 0..<10 {
                        let isIn = (worker + step) % 3 == 0
                        let body: JSONValue = [
                            "productId": id, "type": isIn ? "in" : "out", "quantity": isIn ? 1 : .number(third),
                        ]
                        let answer = try await desk.at(salon.deployment.nodes[step % 2]).post("/inventory/stock-movement", body)
                        if answer.status == 409 {
                            answer.expectError(409, "INSUFFICIENT_STOCK")
                        } else {
                            #expect(answer.status == 201, "\(answer.text)")
                        }
                        done += answer.status == 201 ? 1 : 0
                    }
                    return done
                }
            }
            return try await group.reduce(0, +)
        }
        let database = salon.deployment.database
        let productID = try #require(id.int)
        let sum: PostgresNumeric = try await database.value(
            "SELECT sum(change) FROM stock_movements WHERE product_id = \(productID)"
        )
        let quantity: PostgresNumeric = try await database.value("SELECT quantity FROM products WHERE id = \(productID)")
        #expect(sum == quantity)
        // The first one is the initial stock.
        #expect(
            try await database.value("SELECT count(*) FROM stock_movements WHERE product_id = \(productID)")
                == Int64(statuses + 1)
        )
        let guarantee = try await Guarantee.count(database)
        #expect(guarantee.counts["stocks that are not the sum of their movements"] == 0)
        #expect(guarantee.counts["movements of stock without an event, or the reverse"] == 0)
    }

    @Test("when the last piece is wanted ten times at once, one gets it and is the only one of whom the buyers hear")
    func lastPiece() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let product = try await desk.post("/inventory/products", ["name": "Олія", "quantity": 1]).expect(201).json
        let body: JSONValue = ["productId": try #require(product["id"]), "type": "out", "quantity": 1]
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<10 {
                group.addTask {
                    try await desk.at(salon.deployment.nodes[index % 2]).post("/inventory/stock-movement", body).status
                }
            }
            return try await group.reduce(into: [Int: Int]()) { $0[$1, default: 0] += 1 }
        }
        #expect(statuses == [201: 1, 409: 9])
        #expect(try await desk.get("/notifications").expect(200)["data"].array?.count == 1)
    }
}
