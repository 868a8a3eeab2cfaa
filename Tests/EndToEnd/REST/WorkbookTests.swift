import Foundation
import JSON
import REST
import Support
import Testing

/// What becomes of the files themselves is tried with the programs that write and read them, in `Tests/Workbooks`.
@Suite("Workbooks over HTTP", .inTurn)
struct WorkbookTests {
    private static func send(_ file: [UInt8], as name: String, to path: String, _ desk: Desk) async throws -> HTTPAnswer {
        let head = "--line\r\nContent-Disposition: form-data; name=\"\(name)\"; filename=\"rows.xlsx\"\r\n\r\n"
        return try await desk.node.http.request(
            "POST",
            "/api/v1\(path)/import",
            headers: [("Authorization", "Bearer \(desk.token)"), ("Content-Type", "multipart/form-data; boundary=line")],
            body: Array(head.utf8) + file + Array("\r\n--line--\r\n".utf8)
        )
    }

    @Test(
        "what one salon exports another takes, once; a form without the file is refused",
        arguments: [
            ("/clients", "/clients", ["firstName": "Ганна", "phone": "0671112233"]),
            ("/inventory", "/inventory/products", ["name": "Шампунь", "sku": "A-1"]),
        ] as [(String, String, JSONValue)]
    )
    func roundTrip(path: String, list: String, row: JSONValue) async throws {
        let (_, from) = try await Salon.withDesk()
        let (_, to) = try await Salon.withDesk()
        let made = try await from.post(list, row).expect(201).json
        let file = try await from.get("\(path)/export").expect(200).body
        try await Self.send(file, as: "other", to: path, to).expectError(422, "VALIDATION_ERROR", fields: ["file"])
        try await Self.send(Array("no workbook".utf8), as: "file", to: path, to)
            .expectError(422, "UNSUPPORTED_FILE", fields: ["file"])
        let report = try await Self.send(file, as: "file", to: path, to).expect(200).json
        #expect(report == ["imported": 1, "failed": 0, "errors": []])
        let rows = try #require(try await to.get(list).json.array)
        for name in row.object?.keys ?? [] { #expect(rows.map { $0[name] } == [made[name]]) }
        let again = try await Self.send(file, as: "file", to: path, to).expect(200)
        #expect(again["imported"] == 0 && again["failed"] == 1)
        #expect(try await to.get(list).json.array?.count == 1)
    }

    @Test("whoever fetches none of four workbooks gets no fifth, of any kind, and may have other answers")
    func unfetched() async throws {
        let (salon, desk) = try await Salon.withDesk()
        // More than kernels hold of a connection: some megabytes, packed.
        try await salon.deployment.database.client.query(
            """
            INSERT INTO clients (salon_id, first_name, notes)
            SELECT \(salon.id), 'Олена ' || n, (SELECT string_agg(md5(n::text || m), '') FROM generate_series(1, 120) AS m)
            FROM generate_series(1, 3500) AS n
            """
        )
        func begun() -> Int {
            desk.node.log.components(separatedBy: "path=/api/v1/clients/export status=200").count
        }
        let before = begun()
        var lazy: [ByteStream] = []
        for _ in 1...4 {
            let stream = try await ByteStream.connect(port: desk.node.port)
            try await stream.stopReading()
            stream.write("GET /api/v1/clients/export HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(desk.token)\r\n\r\n")
            lazy.append(stream)
        }
        // Asking for another meanwhile could take the place of one of them.
        try await poll("all four are on their way") { begun() == before + 4 ? () : nil }
        let period = "dateFrom=2026-05-01&dateTo=2026-05-31"
        for path in ["/clients/export", "/inventory/export", "/finances/export", "/reports/export?\(period)"] {
            let refused = try await desk.get(path)
            refused.expectError(429, "RATE_LIMITED")
            #expect(refused.header("retry-after") != nil)
        }
        try await desk.get("/clients?page=1").expect(200)
        for stream in lazy { stream.close() }
        _ = try await poll("there is a place again") { try await desk.get("/finances/export").status == 200 ? () : nil }
    }
}
