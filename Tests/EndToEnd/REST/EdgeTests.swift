import Foundation
import JSON
import REST
import Support
import Testing

@Suite("What clients may get wrong", .inTurn)
struct EdgeTests {
    @Test("bodies that cannot be used are refused clearly")
    func bodies() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        func send(_ text: String, _ type: String? = "application/json") async throws -> HTTPAnswer {
            let headers = [("Authorization", "Bearer \(desk.token)")] + (type.map { [("Content-Type", $0)] } ?? [])
            return try await desk.node.http.request("POST", "/api/v1/appointments", headers: headers, body: Array(text.utf8))
        }
        for text in ["", "{", "nonsense", "{\"a\":}", "{} x", "\u{FEFF}{}", String(repeating: "[", count: 5_000)] {
            try await send(text).expectError(400, "INVALID_JSON")
        }
        for text in ["[]", "null", "7", "\"text\""] { try await send(text).expectError(422, "VALIDATION_ERROR") }
        for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"] {
            try await send("{}", type).expectError(415, "UNSUPPORTED_MEDIA_TYPE")
        }
        for type in ["application/json; charset=utf-8", "Application/JSON"] {
            #expect(try await send("{}", type).status == 422)
        }
        #expect(try await send("{}", nil).status == 422)
        let invalid = try await desk.node.http.request(
            "POST",
            "/api/v1/appointments",
            headers: [("Authorization", "Bearer \(desk.token)"), ("Content-Type", "application/json")],
            body: [0x7B, 0x22, 0xC3, 0x28, 0x22, 0x3A, 0x31, 0x7D]
        )
        invalid.expectError(400, "INVALID_JSON")
    }

    @Test("a body above the limit is answered 413, told by its length or not, and ends the connection")
    func hugeBodies() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        let huge = [UInt8](repeating: UInt8(ascii: " "), count: 3 << 20)
        let node = desk.node
        let announced = try await node.http.request(
            "POST",
            "/api/v1/auth/login",
            headers: [("Content-Type", "application/json")],
            body: huge
        )
        announced.expectError(413, "PAYLOAD_TOO_LARGE")
        #expect(announced.header("connection") == "close")
        let stream = try await ByteStream.connect(port: node.port)
        stream.write(
            "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
        )
        stream.write("\(String(huge.count, radix: 16))\r\n")
        stream.write(huge + Array("\r\n0\r\n\r\n".utf8))
        var reader = HTTPReader(stream)
        try await reader.next().expectError(413, "PAYLOAD_TOO_LARGE")
        stream.close()
        try await desk.get("/auth/me").expect(200)
    }

    @Test("what comes behind a body above the limit is not answered, broken or not", arguments: [true, false])
    func behindHugeBodies(isBroken: Bool) async throws {
        let node = try await Deployment.standard.value.a
        let head = "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        let next = isBroken ? "zz\r\n" : "0\r\n\r\nGET /health HTTP/1.1\r\nHost: x\r\n\r\n"
        let stream = try await ByteStream.connect(port: node.port)
        stream.write(head + "Transfer-Encoding: chunked\r\n\r\n\(String(3 << 20, radix: 16))\r\n")
        stream.write([UInt8](repeating: UInt8(ascii: " "), count: 3 << 20) + Array("\r\n\(next)".utf8))
        var reader = HTTPReader(stream)
        try await reader.next().expectError(413, "PAYLOAD_TOO_LARGE")
        #expect(reader.rest.isEmpty)
        #expect(try await stream.read() == nil)
        stream.close()
    }

    @Test("a broken request behind a good one: both are answered, in the contract's shape")
    func brokenBehindGood() async throws {
        let node = try await Deployment.standard.value.a
        let stream = try await ByteStream.connect(port: node.port)
        stream.write("GET /api/v1/auth/me HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n")
        var reader = HTTPReader(stream)
        try await reader.next().expectError(401, "NOT_AUTHENTICATED")
        let second = try await reader.next()
        second.expectError(400, "BAD_REQUEST")
        #expect(second.header("connection") == "close")
        #expect(try await stream.read() == nil)
        stream.close()
    }

    @Test("fields of a wrong type or value are named, all at once")
    func wrongTypes() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        let wrong: JSONObject = [
            "clientName": 7, "clientPhone": [], "staffId": "x", "serviceId": -1, "clientId": 1_000_000_000_000, "service": true,
            "date": "2026-02-30", "startTime": "25:00", "endTime": "10", "status": "paid", "type": "other", "price": "free",
            "notes": .object([:]), "allowOverlap": "yes", "version": "x", "services": [["name": ""]],
        ]
        try await desk.post("/appointments", .object(wrong)).expectError(422, "VALIDATION_ERROR", fields: Set(wrong.keys))
        let visit = try await desk.book(salon.visit(9))
        try await desk.put("/appointments/\(visit.id)", .object(wrong)).expectError(
            422,
            "VALIDATION_ERROR",
            fields: Set(wrong.keys)
        )
        #expect(try await desk.get("/appointments/\(visit.id)").json == visit)
        let required: Set<String> = ["date", "startTime", "endTime", "clientName"]
        try await desk.post("/appointments", [:]).expectError(422, "VALIDATION_ERROR", fields: required)
        for (field, value) in [
            ("price", "-1"), ("price", "0.001"), ("price", "1e30"), ("staffId", "0"), ("staffId", "1.5"),
            ("date", "\"0000-01-01\""),
            ("clientName", "\"\(String(repeating: "x", count: 402))\""), ("clientName", #""a\u0000b""#),
        ] {
            let body = try #require(salon.visit(12).object).merging([field: try JSONValue(parsing: value)])
            try await desk.post("/appointments", .object(body)).expectError(422, "VALIDATION_ERROR", fields: [field])
        }
        try await desk.post(
            "/clients",
            ["firstName": "", "email": "x", "birthDate": "1990-13-01", "gender": "x", "discount": "a"]
        )
        .expectError(422, "VALIDATION_ERROR", fields: ["firstName", "email", "birthDate", "gender", "discount"])
        try await desk.post("/services", ["name": "", "duration": 0, "color": "red"])
            .expectError(422, "VALIDATION_ERROR", fields: ["name", "duration", "price", "color"])
        try await desk.post("/staff", ["specializations": "x", "hireDate": 5, "salary": "x"])
            .expectError(422, "VALIDATION_ERROR", fields: ["firstName", "specializations", "hireDate", "salary"])
    }

    @Test("queries that mean nothing are named too")
    func queries() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        for (query, field) in [
            ("dateFrom=yesterday", "dateFrom"), ("dateTo=2026-1", "dateTo"), ("date=x", "date"), ("staffId=all", "staffId"),
            ("status=paid", "status"), ("page=0", "page"), ("perPage=-1", "perPage"), ("limit=x", "limit"),
            ("offset=-1", "offset"),
            ("perPage=99999999999999999999", "perPage"),
        ] {
            try await desk.get("/appointments?\(query)").expectError(422, "VALIDATION_ERROR", fields: [field])
        }
        try await desk.get("/staff?isActive=maybe").expectError(422, "VALIDATION_ERROR", fields: ["isActive"])
        try await desk.get("/staff?status=vacation").expectError(422, "VALIDATION_ERROR", fields: ["status"])
        for query in ["dateFrom=&status=&staffId=&page=", "unknown=1", "&&&==&x&=y", "search=%D0%B0"] {
            try await desk.get("/appointments?\(query)").expect(200)
        }
        for query in ["%zz=1", "x=%", "search=%FF", "status=%00", "search=%D0"] {
            try await desk.get("/appointments?\(query)").expectError(400, "BAD_REQUEST")
        }
    }

    @Test("unknown ids and paths are 404, GET /api/v1 exactly so, and a wrong method is 405")
    func unknown() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        for id in ["999999999", "0", "-1", "1.5", "abc", "9223372036854775808", "%00", "%D0%B0", "1%2F2", "'"] {
            for collection in ["appointments", "clients", "staff", "services"] {
                try await desk.get("/\(collection)/\(id)").expectError(404, "NOT_FOUND")
            }
            try await desk.put("/appointments/\(id)", ["notes": "x"]).expectError(404, "NOT_FOUND")
            try await desk.patch("/appointments/\(id)/status", ["status": "confirmed"]).expectError(404, "NOT_FOUND")
            try await desk.delete("/appointments/\(id)").expectError(404, "NOT_FOUND")
            try await desk.post("/appointments/\(id)/restore").expectError(404, "NOT_FOUND")
            try await desk.patch("/notifications/\(id)/read").expectError(404, "NOT_FOUND")
            try await desk.delete("/notifications/\(id)").expectError(404, "NOT_FOUND")
        }
        for path in [
            "/api/v1", "/api/v1/", "/api/v2/appointments", "/nothing", "/api/v1/nothing", "/api", "/%00", "/..%2f..%2fetc/passwd",
        ] {
            try await desk.node.http.request("GET", path).expectError(404, "NOT_FOUND")
        }
        for (method, path, allowed) in [
            ("DELETE", "/auth/login", "POST"), ("GET", "/auth/login", "POST"), ("PATCH", "/appointments", "GET, HEAD, POST"),
            ("POST", "/appointments/1", "GET, HEAD, PUT, DELETE"), ("PUT", "/notifications/read-all", "PATCH"),
            ("DELETE", "/settings/salon", "GET, HEAD, PUT"), ("PUT", "/appointments/calendar", "GET, HEAD"),
        ] {
            let answer = try await desk.ask(method, path)
            answer.expectError(405, "METHOD_NOT_ALLOWED")
            #expect(answer.header("allow") == allowed)
        }
    }

    @Test("requests that are no HTTP are answered 400 or dropped, and the node lives on")
    func noHTTP() async throws {
        let node = try await Deployment.standard.value.a
        for (text, status) in [
            ("GET\r\n\r\n", 400), ("GET / HTTP/9.9\r\n\r\n", 400), ("nonsense nonsense nonsense\r\n\r\n", 400),
            ("\u{0}\u{1}\u{2}\r\n\r\n", 400), ("GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\n: x\r\n\r\n", 400),
            ("POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            ("GET / HTTP/1.1\r\nX: \(String(repeating: "x", count: 100_000))\r\n\r\n", 431),
        ] {
            let stream = try await ByteStream.connect(port: node.port)
            stream.write(text)
            var reader = HTTPReader(stream)
            let answer = try await reader.next()
            answer.expectError(status, status == 431 ? "HEADERS_TOO_LARGE" : "BAD_REQUEST")
            #expect(answer.header("connection") == "close")
            stream.close()
        }
        // Empty lines are no request yet.
        let silent = try await ByteStream.connect(port: node.port)
        silent.write("\r\n\r\n\r\n")
        silent.close()
        #expect(try await node.http.request("GET", "/health").json == ["status": "healthy"])
    }

    @Test("a body that is broken as HTTP is answered once, 400 if nothing else is wrong, and ends the connection")
    func brokenBodies() async throws {
        let node = try await Deployment.standard.value.a
        let (chunked, short) = ("Transfer-Encoding: chunked\r\n\r\nzz\r\n", "Content-Length: 100\r\n\r\n{\"email\": ")
        for (path, rest, status, code) in [
            ("/api/v1/auth/login", chunked, 400, "BAD_REQUEST"), ("/api/v1/auth/login", short, 400, "BAD_REQUEST"),
            // Read to its end before it is refused: nothing may follow the answer.
            ("/api/v1/appointments", chunked, 401, "NOT_AUTHENTICATED"),
            ("/api/v1/appointments", short, 401, "NOT_AUTHENTICATED"),
            ("/api/v1/nothing", chunked, 404, "NOT_FOUND"), ("/api/v1/auth/me", short, 405, "METHOD_NOT_ALLOWED"),
        ] {
            let stream = try await ByteStream.connect(port: node.port)
            stream.write("POST \(path) HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + rest)
            if rest == short { stream.endOutput() }
            var reader = HTTPReader(stream)
            let answer = try await reader.next()
            answer.expectError(status, code)
            #expect(answer.header("connection") == "close")
            #expect(reader.rest.isEmpty)
            #expect(try await stream.read() == nil, "\(path)")
            stream.close()
        }
        // An answer that needs no body leaves the connection as it was.
        let stream = try await ByteStream.connect(port: node.port)
        for _ in 0..<2 {
            stream.write("POST /api/v1/appointments HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
            var reader = HTTPReader(stream)
            try await reader.next().expectError(401, "NOT_AUTHENTICATED")
        }
        stream.close()
    }

    @Test("the pages are asked for with a slash, so that their relative links lead somewhere; other folders are not found")
    func examples() async throws {
        let deployment = try await Deployment.standard.value
        let redis = try await blocking { try PrivateRedis.sharedURL() }
        let settings = Deployment.settings(database: deployment.database.url, redis: redis).merging(["DEMO": "on"]) { $1 }
        let node = try await Node.start(settings, in: Shell.repository.path)
        for (path, location) in [("/examples", "/examples/"), ("/examples?day=2026-05-18", "/examples/?day=2026-05-18")] {
            let answer = try await node.http.request("GET", path)
            #expect((answer.status, answer.header("location")) == (302, location))
        }
        let browser = try await node.http.request("GET", "/", headers: [("Accept", "text/html,*/*;q=0.8")])
        #expect((browser.status, browser.header("location")) == (302, "/examples/"))
        #expect(try await node.http.request("GET", "/examples/").status == 200)
        #expect(try await node.http.request("GET", "/examples/index.html").status == 200)
        for path in ["/examples/js", "/examples/js/", "/examples/css", "/examplesjs"] {
            try await node.http.request("GET", path).expectError(404, "NOT_FOUND")
        }
        node.terminate()
    }

    @Test("the root says what this is, health that it lives, ready that it may get traffic")
    func root() async throws {
        let node = try await Deployment.standard.value.b
        #expect(try await node.http.request("GET", "/").json == ["message": "Adelante CRM API", "version": "1.0.0"])
        #expect(try await node.http.request("GET", "/health").json == ["status": "healthy"])
        #expect(try await node.http.request("GET", "/ready").json == ["status": "ready", "postgres": true, "redis": true])
        // Without DEMO there are no pages, and browsers get the same.
        let browser = try await node.http.request("GET", "/", headers: [("Accept", "text/html")])
        #expect(browser.status == 200)
        try await node.http.request("GET", "/examples/").expectError(404, "NOT_FOUND")
    }

    @Test("a request id is kept if it is harmless, and made if not")
    func requestIDs() async throws {
        let node = try await Deployment.standard.value.a
        for (given, isKept) in [
            ("abc-DEF_123", true), ("a b", false), (String(repeating: "x", count: 65), false), ("\"><script>", false),
        ] {
            let id = try await node.http.request("GET", "/health", headers: [("X-Request-Id", given)]).header("x-request-id")
            #expect((id == given) == isKept)
            #expect(id?.isEmpty == false)
        }
    }

    @Test("answers, errors and preflights of every path carry CORS for the listed origin, and for no other")
    func cors() async throws {
        let salon = try await Salon.make(on: try await Deployment.standard.value)
        let desk = try await salon.login(.admin)
        let requests: [(method: String, path: String, status: Int)] = [
            ("GET", "/api/v1/auth/me", 200), ("GET", "/api/v1/nothing", 404), ("DELETE", "/api/v1/auth/me", 405),
            ("GET", "/", 200),
            ("POST", "/api/v1/auth/login", 400), ("OPTIONS", "/api/v1/appointments/1", 204), ("OPTIONS", "/anything", 204),
            ("OPTIONS", "/api/v1/auth/login", 204), ("GET", "/health", 200),
        ]
        for (method, path, status) in requests {
            let headers = [("Authorization", "Bearer \(desk.token)"), ("Content-Type", "application/json")]
            let ours = try await desk.node.http.request(method, path, headers: headers + [("Origin", "http://localhost:3000")])
            #expect(ours.status == status)
            #expect(ours.header("access-control-allow-origin") == "http://localhost:3000")
            #expect(ours.header("vary")?.contains("Origin") == true)
            #expect(ours.header("access-control-expose-headers")?.contains("X-Topic-Seq") == true)
            if method == "OPTIONS" {
                #expect(ours.header("access-control-max-age") == "600")
                let allowed = ours.header("access-control-allow-headers") ?? ""
                for name in ["Authorization", "Content-Type", "If-Match", "Idempotency-Key", "Last-Event-ID", "X-Request-Id"] {
                    #expect(allowed.contains(name))
                }
                for verb in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
                    #expect(ours.header("access-control-allow-methods")?.contains(verb) == true)
                }
            }
            let foreign = try await desk.node.http.request(method, path, headers: headers + [("Origin", "http://evil.example")])
            #expect(foreign.header("access-control-allow-origin") == nil)
            #expect(foreign.header("vary")?.contains("Origin") == true)
        }
    }
}
