import Logging
import Postgres
import REST
import Testing

@Suite("Takings of a database with visits from before there were operations", .inTurn)
struct TakingsMigrationTests {
    @Test("completed visits that cost something and have no operation are marked and count, and later ones are not and do not")
    func marks() async throws {
        let database = try await Database.unmigrated("")
        let configuration = PostgresConfiguration(url: database.url, poolSize: 1, applicationName: "tests")
        let before = Array(Schema.migrations.prefix { $0.name != "takings" })
        _ = try await Migrator(configuration: configuration, logger: Logger(label: "test")).migrate(before)
        let visits: SQL = """
            INSERT INTO appointments (salon_id, client_name, date, start_time, end_time, status, price)
            SELECT s.id, status || coalesce(price, 0), '2024-05-01', '10:00', '11:00', status, price
            FROM salons s, (VALUES ('completed', 100), ('completed', 200), ('completed', NULL), ('scheduled', 300)) AS v (status, price)
            """
        try await database.client.query("INSERT INTO salons (name) VALUES ('Салон')")
        try await database.client.query(visits)
        try await database.client.query(
            """
            INSERT INTO operations (salon_id, type, amount, date, appointment_id)
            SELECT salon_id, 'payment', 150, date, id FROM appointments WHERE price = 200
            """
        )
        try await database.migrate()
        try await database.client.query(visits)
        let marked: [String] = try await database.value(
            "SELECT array_agg(client_name ORDER BY client_name) FROM appointments WHERE precedes_operations"
        )
        #expect(marked == ["completed100"])
        let amounts: [String] = try await database.value("SELECT array_agg(amount::text ORDER BY amount) FROM takings")
        #expect(amounts == ["100.00", "150.00"])
    }
}
