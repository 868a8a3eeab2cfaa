import JSON
import Postgres
import Support
import Synchronization
import Testing

@testable import REST

@Suite("Answers that are kept", .inTurn)
struct KeptAnswersTests {
    /// What has been committed for certain; nil at the end.
    private final class Paid: Sendable {
        private let state = Mutex<Int64?>(0)
        var sum: Int64? {
            get { self.state.withLock { $0 } }
            set { self.state.withLock { $0 = newValue } }
        }
    }

    /// A salon's answers, asked of one node.
    private struct Scene {
        let salon: Salon
        let answers: KeptAnswers

        /// How often the statement was carried out.
        func count(_ parameter: String = "") async throws -> Int64 {
            let statement: SQL = "SELECT jsonb_build_object('count', nextval('worked_out'), 'of', \(parameter)::text)"
            let client = self.salon.deployment.database.client
            let body = try await self.answers.body(of: statement, salonID: self.salon.id, client)
            let text = String(decoding: body.bytes.readableBytesView, as: UTF8.self)
            return try #require(try JSONValue(parsing: text)["count"]?.int)
        }
    }

    private static func scene(maximumAge: Duration = .seconds(600)) async throws -> Scene {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let client = salon.deployment.database.client
        _ = try await client.query("DROP SEQUENCE IF EXISTS worked_out")
        _ = try await client.query("CREATE SEQUENCE worked_out")
        return Scene(salon: salon, answers: KeptAnswers(maximumAge: maximumAge))
    }

    @Test("what nothing has happened to is not worked out again; what is asked otherwise is")
    func kept() async throws {
        let scene = try await Self.scene()
        #expect(try await scene.count() == 1)
        #expect(try await scene.count() == 1)
        #expect(try await scene.count("else") == 2)
        #expect(try await scene.count() == 1)
        #expect(try await scene.count("else") == 2)
    }

    @Test("whatever is told of the salon ends it, and so does the next day; what another salon does does not")
    func ended() async throws {
        let scene = try await Self.scene()
        let (salon, client) = (scene.salon, scene.salon.deployment.database.client)
        #expect(try await scene.count() == 1)
        let other = try await Salon.make(on: salon.deployment)
        try await other.login(.admin).book(other.visit(9))
        #expect(try await scene.count() == 1)
        try await salon.login(.admin).book(salon.visit(9))
        #expect(try await scene.count() == 2)
        #expect(try await scene.count() == 2)
        // It is never the same day in these two.
        var counts: [Int64] = []
        for zone in ["Pacific/Kiritimati", "Pacific/Pago_Pago"] {
            _ = try await client.query("UPDATE salons SET timezone = \(zone) WHERE id = \(salon.id)")
            counts.append(try await scene.count())
        }
        #expect(counts[1] == counts[0] + 1)
        _ = try await client.query("UPDATE topic_heads SET epoch = 'another' WHERE topic = \(Topic.salon(salon.id, "staff"))")
        #expect(try await scene.count() == counts[1] + 1)
    }

    @Test("nothing is believed for longer than it may be")
    func expired() async throws {
        let scene = try await Self.scene(maximumAge: .zero)
        #expect(try await scene.count() == 1)
        #expect(try await scene.count() == 2)
    }

    @Test("whatever is done at either node is in the next dashboard and the next reports of both")
    func fresh() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let nodes = salon.deployment.nodes
        let days = "dateFrom=2026-05-01&dateTo=2026-05-31"
        let question = try ReportQuestion(try QueryParameters(days), salonID: salon.id)
        let kept: [(path: String, statement: SQL)] = [
            ("/finances/dashboard", try FinanceDashboard(try QueryParameters(days)).statement(salonID: salon.id)),
            ("/reports/revenue", RevenueReport.statement(question)),
            ("/reports/staff-performance", StaffPerformance.statement(question)),
            ("/reports/services-popularity", ServicePopularity.statement(question)),
        ]
        var before = Array(repeating: "", count: kept.count)
        /// Compares what both nodes say with what the tables hold, which must not be what they held before.
        func check(_ what: String) async throws {
            var now: [String] = []
            for (path, statement) in kept {
                let truth: PostgresJSON = try await salon.deployment.database.client.query(statement).only().get(0)
                now.append(truth.text)
                for node in nodes + nodes {
                    let answer = try await desk.at(node).get("\(path)?\(days)").expect(200).json
                    #expect(try answer == JSONValue(parsing: truth.text), "\(path) after \(what)")
                }
            }
            let isSeen = now != before
            #expect(isSeen, "\(what) changes nothing of them")
            before = now
        }
        var turn = 0
        func at() -> Desk {
            turn += 1
            return desk.at(nodes[turn % nodes.count])
        }
        try await check("nothing")
        let visit = try await at().book(salon.visit(9))
        try await check("a booking")
        try await at().put("/appointments/\(visit.id)", ["startTime": "10:00", "endTime": "12:00"]).expect(200)
        try await check("a longer visit")
        try await at().patch("/appointments/\(visit.id)/status", ["status": "completed"]).expect(200)
        try await check("a completed visit")
        let operation = try await at().post(
            "/finances/operations",
            ["type": "payment", "amount": 70, "date": "2026-05-04", "paymentMethod": "Картка", "staffId": JSONValue(salon.iryna)]
        ).expect(201).json
        try await check("a payment")
        let method = try #require(operation["paymentMethodId"]?.int ?? operation["paymentMethodId"]?.string.flatMap(Int64.init))
        try await at().put("/finances/payment-methods/\(method)", ["name": "Термінал"]).expect(200)
        try await check("a way to pay with another name")
        try await at().put("/finances/operations/\(operation.id)", ["amount": 80]).expect(200)
        try await check("another amount")
        try await at().delete("/finances/operations/\(operation.id)").expect(204)
        try await check("a payment less")
        try await at().post(
            "/finances/operations",
            ["type": "expense", "amount": 5, "date": "2026-05-04", "category": "Оренда"]
        ).expect(201)
        try await check("an expense")
        try await at().put("/services/\(salon.haircut)", ["name": "Стрижка жіноча"]).expect(200)
        try await check("a service with another name")
        try await at().post("/services", ["name": "Зачіска", "price": 500, "duration": 60]).expect(201)
        try await check("a service more")
        try await at().put("/staff/\(salon.iryna)", ["firstName": "Ірена"]).expect(200)
        try await check("a master with another name")
        try await at().put(
            "/settings/salon",
            ["workingHours": ["wed": ["isOpen": true, "open": "08:00", "close": "23:00"]]]
        ).expect(200)
        try await check("other hours")
        try await at().post(
            "/staff/\(salon.olha)/schedule",
            ["exceptions": [["date": "2026-05-20", "type": "vacation"]]]
        ).expect(200)
        try await check("a day off")
        try await at().post(
            "/overview/reviews",
            ["clientName": "Марія", "staffId": JSONValue(salon.olha), "rating": 4, "text": "дякую", "date": "2026-05-18"]
        ).expect(201)
        try await check("a review")
        try await at().delete("/staff/\(salon.iryna)").expect(204)
        try await check("a master who leaves")
        try await at().delete("/appointments/\(visit.id)").expect(204)
        try await check("a visit less")
        try await at().post("/appointments/\(visit.id)/restore").expect(200)
        try await check("a visit that is back")
    }

    @Test("a desk that has heard of a change never reads what was before it, however many read")
    func race() async throws {
        let (salon, desk) = try await Salon.withDesk()
        let nodes = salon.deployment.nodes
        let path = "/finances/dashboard?dateFrom=2026-05-01&dateTo=2026-05-31"
        try await withThrowingTaskGroup(of: Void.self) { group in
            let paid = Paid()
            for number in 0..<6 {
                group.addTask {
                    let desk = desk.at(nodes[number % 2])
                    while let least = paid.sum {
                        let answer = try await desk.get(path).expect(200).json
                        let shown = try #require(answer["totalRevenue"]?.int)
                        #expect(shown >= least)
                    }
                }
            }
            for sum in 1...60 {
                try await desk.at(nodes[sum % 2]).post(
                    "/finances/operations",
                    ["type": "payment", "amount": 1, "date": "2026-05-04"]
                ).expect(201)
                paid.sum = Int64(sum)
            }
            paid.sum = nil
            try await group.waitForAll()
        }
    }
}
