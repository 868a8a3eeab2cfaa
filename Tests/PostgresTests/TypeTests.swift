import Support
import Testing

@testable import Postgres

/// Every type, to the server and back.
@Suite struct TypeTests {
    private func roundTrip<Value: PostgresEncodable & PostgresDecodable & Equatable>(
        _ values: [Value],
        _ type: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await withClient { client in
            let cast = SQL(unescaped: type.isEmpty ? "" : "::\(type)")
            for value in values {
                let row = try await client.query("SELECT \(value)\(cast) AS v, \(Value?.none)\(cast) AS missing").only()
                let back: Value = try row.get("v")
                #expect(back == value, sourceLocation: sourceLocation)
                let missing: Value? = try row.get("missing")
                #expect(missing == nil, sourceLocation: sourceLocation)
                #expect(try row.get("v", as: Value?.self) == value, sourceLocation: sourceLocation)
            }
        }
    }

    @Test func integers() async throws {
        try await self.roundTrip([0, 1, -1, Int.max, Int.min])
        try await self.roundTrip([0, Int64.max, Int64.min])
        try await self.roundTrip([0, Int32.max, Int32.min])
        try await self.roundTrip([0, Int16.max, Int16.min, -2])
        try await self.roundTrip([PostgresXID8(rawValue: 0), PostgresXID8(rawValue: .max)])
    }

    @Test func anIntegerIsReadFromAnyWidthIfItFits() async throws {
        try await withClient { client in
            let row = try await client.query("SELECT 1::int2 AS a, 2::int4 AS b, 3::int8 AS c, 40000::int4 AS d, 5::oid AS e")
                .only()
            #expect(try row.get("a", as: Int.self) == 1)
            #expect(try row.get("b", as: Int64.self) == 2)
            #expect(try row.get("c", as: Int32.self) == 3)
            #expect(try row.get("e", as: Int.self) == 5)
            let error = #expect(throws: PostgresError.self) { try row.get("d", as: Int16.self) }
            #expect(error?.message == "column \"d\": 40000 does not fit in Int16")
        }
    }

    @Test func anIntegerIsStoredInAnyWidthAndAsNumeric() async throws {
        try await withClient { client in
            try await client.query("CREATE TABLE widths (a int2, b int4, c int8, d numeric, e float8)")
            try await client.query("INSERT INTO widths VALUES (\(1), \(2), \(3), \(4), \(5))")
            let row = try await client.query("SELECT * FROM widths WHERE a = \(1) AND b = \(2) AND c = ANY(\([3]))").only()
            #expect(try row.get("d", as: PostgresNumeric.self).description == "4")
            #expect(try row.get("e", as: Double.self) == 5)
            let error = await #expect(throws: PostgresError.self) {
                try await client.query("INSERT INTO widths (a) VALUES (\(70000))")
            }
            #expect(error?.sqlState == .numericValueOutOfRange)
        }
    }

    @Test func booleansAndFloats() async throws {
        try await self.roundTrip([true, false])
        try await self.roundTrip([0, -0.1, 1e308, Double.leastNonzeroMagnitude, .infinity, -.infinity])
        try await withClient { client in
            let row = try await client.query("SELECT \(Double.nan) AS v, 1.5::float4 AS f").only()
            #expect(try row.get("v", as: Double.self).isNaN)
            #expect(try row.get("f", as: Double.self) == 1.5)
        }
    }

    @Test func textOfAllKinds() async throws {
        let hostile = [
            "", "олена ґалаґан", "МАР’ЯНА", "'; DROP TABLE clients; --", #"\ " ' $1 {} % _"#, "NULL", "\u{1}\n\r\t", "👩🏽‍🎨",
            String(repeating: "ї", count: 100_000),
        ]
        try await self.roundTrip(hostile, "text")
        try await self.roundTrip(hostile, "varchar")
        try await self.roundTrip(["a1b2c3d4-0000-4000-8000-0123456789ab"], "uuid")
    }

    @Test func stringsServeTextEnumDateAndUUIDColumnsAlike() async throws {
        enum Mood: String, PostgresEncodable, PostgresDecodable { case glad, sad }
        try await withClient { client in
            try await client.query("CREATE TYPE mood AS ENUM ('glad', 'sad')")
            try await client.query("CREATE TABLE moods (m mood, t text, d date, u uuid, n name)")
            let uuid = "a1b2c3d4-0000-4000-8000-0123456789ab"
            try await client.query("INSERT INTO moods VALUES (\(Mood.sad), \("x"), \("2026-05-17"), \(uuid), \("n"))")
            let row = try await client.query(
                """
                SELECT *, ARRAY['glad', 'sad']::mood[] AS all FROM moods
                WHERE m = \(Mood.sad) AND m = ANY(\(["sad"])) AND t = \("x") AND d = \("2026-05-17") AND u = \(uuid)
                """
            ).only()
            #expect(try row.get("m", as: Mood.self) == .sad)
            #expect(try row.get("m", as: String.self) == "sad")
            #expect(try row.get("u", as: String.self) == uuid)
            #expect(try row.get("n", as: String.self) == "n")
            #expect(try row.get("all", as: [String].self) == ["glad", "sad"])
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT \("angry")::mood") }
            #expect(error?.sqlState == .invalidTextRepresentation)
            let foreign = try await client.query("SELECT \("angry")::text AS m").only()
            let refusal = #expect(throws: PostgresError.self) { try foreign.get("m", as: Mood.self) }
            #expect(refusal?.message == "column \"m\": \"angry\" is not a Mood")
        }
    }

    @Test func whereTheServerCannotInferATypeItSaysSo() async throws {
        try await withClient { client in
            let error = await #expect(throws: PostgresError.self) {
                try await client.query("SELECT jsonb_build_object('a', \("text"))")
            }
            #expect(error?.sqlState == .indeterminateDatatype)
            // numbers and booleans have a type of their own
            let row = try await client.query("SELECT jsonb_build_object('a', \(1), 'b', \(true), 'c', \("x")::text) AS o").only()
            #expect(try row.get("o", as: String.self) == #"{"a": 1, "b": true, "c": "x"}"#)
            try await client.query(
                "SELECT now() + make_interval(mins => \(Int32(90))), \(90) * interval '1 minute', \(Int?.none) IS NULL"
            )
        }
    }

    @Test func bytes() async throws {
        try await self.roundTrip([[], [0], Array(0...255), [UInt8](repeating: 0, count: 70_000)] as [[UInt8]])
    }

    @Test func json() async throws {
        try await withClient { client in
            let document = PostgresJSON(text: #"{"b":1,"aa":"ї\"\\"}"#)
            let row = try await client.query(
                "SELECT \(document) AS b, \(document)::json AS j, \(PostgresJSON?.none) AS n, \(document)->>'aa' AS aa"
            ).only()
            #expect(try row.get("b", as: PostgresJSON.self).text == #"{"b": 1, "aa": "ї\"\\"}"#)
            #expect(try row.get("b", as: String.self) == #"{"b": 1, "aa": "ї\"\\"}"#)
            #expect(try row.get("j", as: PostgresJSON.self).text.contains("\"aa\""))
            #expect(try row.get("n", as: PostgresJSON?.self) == nil)
            #expect(try row.get("aa", as: String.self) == #"ї"\"#)
            #expect(row.bytes(0)?.first == 1, "raw bytes keep jsonb's version")
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT \(PostgresJSON(text: "{"))") }
            #expect(error?.sqlState == .invalidTextRepresentation)
        }
    }

    @Test func numbersOfAnyLength() async throws {
        try await withClient { client in
            let texts = [
                "0", "0.00", "1250.00", "-1250.50", "0.0001", "0.00010", "10000", "100000000.00000001", "9999.9999", "-0.05",
                "12345678",
                "1" + String(repeating: "0", count: 130), "0." + String(repeating: "0", count: 120) + "1",
                String(repeating: "9", count: 1000) + "." + String(repeating: "9", count: 1000),
            ]
            for text in texts {
                let number = try #require(PostgresNumeric(text))
                let row = try await client.query("SELECT \(number) AS v, \(text)::numeric::text AS t").only()
                #expect(try row.get("v", as: PostgresNumeric.self).description == text)
                #expect(try row.get("t", as: String.self) == text)
            }
            for text in ["NaN", "Infinity", "-Infinity"] {
                let row = try await client.query("SELECT \(text)::numeric AS v").only()
                let error = #expect(throws: PostgresError.self) { try row.get("v", as: PostgresNumeric.self) }
                #expect(error?.code == .decoding)
                #expect(error?.message == "column \"v\": \(text == "NaN" ? "NaN" : "infinity") is not a decimal number")
            }
            let scaled = try await client.query("SELECT 1250::numeric(10, 2) AS v").only()
            #expect(try scaled.get("v", as: PostgresNumeric.self).description == "1250.00")
        }
    }

    @Test func daysAndTimes() async throws {
        let days = ["0001-01-01", "1582-10-15", "1969-12-31", "1970-01-01", "2000-02-29", "2026-05-17", "9999-12-31"]
        try await self.roundTrip(days.compactMap { PostgresDate($0) })
        try await self.roundTrip(
            [PostgresDate(year: -4712, month: 1, day: 1), PostgresDate(year: 5_874_897, month: 12, day: 31)].compactMap { $0 }
        )
        let times = ["00:00", "09:30", "23:59:59.999999", "24:00"]
        try await self.roundTrip(times.compactMap { PostgresTime($0) })
        let moments = [
            "0001-01-01T00:00:00Z", "1999-12-31T23:59:59.999999Z", "2026-05-17T10:30:00.123456Z", "9999-12-31T23:59:59Z",
        ]
        try await self.roundTrip(moments.compactMap { PostgresTimestamp($0) })
        try await withClient { client in
            // the server reads and prints the same
            for day in days {
                let date = try #require(PostgresDate(day))
                #expect(try await client.query("SELECT \(date)::text AS t").only().get("t", as: String.self) == day)
            }
            let moment = try #require(PostgresTimestamp("2026-05-17T10:30:00.123456Z"))
            let row = try await client.query(
                "SELECT \(moment) = \("2026-05-17 13:30:00.123456+03") AS same, timestamp '2026-05-17 10:30' AS plain"
            ).only()
            #expect(try row.get("same", as: Bool.self))
            #expect(try row.get("plain", as: PostgresTimestamp.self).text == "2026-05-17T10:30:00.000Z")
        }
    }

    @Test(arguments: ["date", "timestamp", "timestamptz"], ["infinity", "-infinity"])
    func infiniteMomentsAreRefused(_ type: String, _ value: String) async throws {
        try await withClient { client in
            let row = try await client.query("SELECT \(value)::\(SQL(unescaped: type)) AS v").only()
            let error = #expect(throws: PostgresError.self) {
                if type == "date" {
                    _ = try row.get("v", as: PostgresDate.self)
                } else {
                    _ = try row.get("v", as: PostgresTimestamp.self)
                }
            }
            #expect(error?.code == .decoding)
            #expect(error?.message.contains("\(value) is not a") == true)
        }
    }

    @Test func aMomentTooFarAwayIsRefusedByTheServer() async throws {
        try await withClient { client in
            let error = await #expect(throws: PostgresError.self) {
                try await client.query("SELECT \(PostgresTimestamp(microseconds: .min))")
            }
            #expect(error?.sqlState == SQLState(rawValue: "22008"))
        }
    }

    @Test func arraysWithAndWithoutNulls() async throws {
        try await self.roundTrip([[], [1, -2, Int.max]])
        try await self.roundTrip([[1, nil, 3], [nil]])
        try await self.roundTrip([[], [Int64.min]])
        try await self.roundTrip([[Int32.max]])
        try await self.roundTrip([[true, false]])
        try await self.roundTrip([[0.1, -.infinity, 1e300]])
        try await self.roundTrip([["a", "", "NULL", #"{"x",\}"#, "ї,\n'"], []], "text[]")
        try await self.roundTrip([["a", nil, "NULL"]], "text[]")
        try await self.roundTrip([[PostgresJSON(text: #"{"a": [1, "x"]}"#)]])
        try await self.roundTrip([[PostgresNumeric("1.50"), PostgresNumeric("-2")].compactMap { $0 }])
        try await self.roundTrip([[PostgresDate("2026-05-17"), nil]])
        try await self.roundTrip([[PostgresTime("09:30:00.5")].compactMap { $0 }])
        try await self.roundTrip([[PostgresTimestamp("2026-05-17T10:30:00.123456Z")].compactMap { $0 }])
    }

    @Test func whatIsNoArrayOfTheKindIsRefused() async throws {
        try await withClient { client in
            let row = try await client.query(
                "SELECT 1 AS one, '{1,NULL}'::int8[] AS gaps, '{{1},{2}}'::int8[] AS deep, '{a}'::text[] AS t"
            ).only()
            let cases: [(String, String)] = [
                ("one", "column \"one\": it is int4, not an array"),
                ("gaps", "column \"gaps\": its array holds a NULL; read it as [Int?]"),
                ("deep", "column \"deep\": its array has 2 dimensions, only one can be read"),
                ("t", "column \"t\": it is text and cannot be read as Int"),
            ]
            for (column, message) in cases {
                let error = #expect(throws: PostgresError.self) { try row.get(column, as: [Int].self) }
                #expect(error?.message == message)
            }
        }
    }

    @Test func zeroBytesInTextAreRefusedBeforeAnythingIsSent() async throws {
        try await withClient { client in
            for sql: SQL in [
                "SELECT \("a\0b")", "SELECT \(["a\0b"])::text[]", "SELECT \(1), \(PostgresJSON(text: "\"\0\""))",
                SQL(unescaped: "SELECT 1 -- \0"),
            ] {
                let error = await #expect(throws: PostgresError.self) { try await client.query(sql) }
                #expect(error?.code == .encoding)
                #expect(error?.message.contains("zero byte") == true)
            }
            // in a transaction it dooms nothing, wherever it comes
            try await client.transaction { connection in
                _ = try? await connection.query("SELECT \("\0")")
                try await connection.query("CREATE TABLE after_zero (a text)")
                _ = try? await connection.query("SELECT \("\0")")
            }
            try await client.query("SELECT * FROM after_zero")
        }
    }

    @Test func wrongTypesMissingColumnsAndNullsAreNamed() async throws {
        try await withClient { client in
            let row = try await client.query("SELECT 1.5 AS price, NULL::text AS phone").only()
            let wrong = #expect(throws: PostgresError.self) { try row.get("price", as: Int.self) }
            #expect(wrong?.message == "column \"price\": it is numeric and cannot be read as Int")
            #expect(wrong?.file == "PostgresTests/TypeTests.swift")
            let null = #expect(throws: PostgresError.self) { try row.get("phone", as: String.self) }
            #expect(null?.message == "column \"phone\" is NULL, String was asked for")
            let missing = #expect(throws: PostgresError.self) { try row.get("phones", as: String?.self) }
            #expect(missing?.message == "the result has no column \"phones\"")
        }
    }

    @Test func theCompilerPicksOptionalWhereOneIsWanted() async throws {
        struct Client {
            let name: String
            let phone: String?
        }
        try await withClient { client in
            let row = try await client.query("SELECT 'Олена' AS name, NULL::text AS phone").only()
            let person = try Client(name: row.get("name"), phone: row.get("phone"))
            #expect(person.name == "Олена" && person.phone == nil)
            #expect(try row.get("phone") ?? "none" == "none")
            #expect(try row.get(0, as: String.self) == "Олена")
            #expect(try row.get(1) as String? == nil)
        }
    }

    @Test func resultsAreCollectionsAndCountWhatTheyTouched() async throws {
        try await withClient { client in
            try await client.query("CREATE TABLE touched (a int8)")
            #expect(try await client.query("INSERT INTO touched SELECT generate_series(1, 5)").affected == 5)
            let rows = try await client.query("SELECT a, a * 2 AS b FROM touched ORDER BY a")
            #expect(rows.count == 5 && rows.affected == 5 && rows.columns == ["a", "b"])
            #expect(try rows.map { try $0.get("b", as: Int.self) } == [2, 4, 6, 8, 10])
            #expect(try await client.query("UPDATE touched SET a = 0 WHERE a > 3").affected == 2)
            #expect(try await client.query("DELETE FROM touched WHERE a > 10").affected == 0)
            #expect(try await client.query("").isEmpty)
            let error = #expect(throws: PostgresError.self) { try rows.only() }
            #expect(error?.message == "one row was expected and 5 came")
        }
    }
}
