import Foundation
import JSON
import REST
import Support
import Testing

@Suite("Every route, by every role, with ids of both salons", .inTurn)
struct WalkTests {
    @Test("the walk has the routes of the server, each once, and no other")
    func completeness() {
        let served = RouteTable.all().entries.map { WalkRow.shape($0.method.rawValue, $0.path) }
        #expect(WalkRow.all.map(\.shape).sorted() == served.sorted())
    }

    @Test("each answers as the table says; another salon's rows are not seen and not touched")
    func walk() async throws {
        let deployment = try await Deployment.standard.value
        let (own, other) = (try await WalkSide(on: deployment), try await WalkSide(on: deployment))
        var desks: [Role: Desk] = [:]
        for role in Role.allCases { desks[role] = try await own.salon.login(role) }
        // Rows of every kind for the other salon, made before its sum is taken.
        var paths: [String: String] = [:]
        for row in WalkRow.all {
            for role in Role.allCases { paths["\(role) \(row.path)"] = try await other.filled(row.path, for: role) }
        }
        var bodies: [String: String] = [:]
        for row in WalkRow.all where !row.path.contains("{") {
            if let text = row.body?.text { bodies[text] = try await other.filled(text, for: .admin) }
        }
        let before = try await other.fingerprint()

        var table = WalkTable()
        for row in WalkRow.all {
            for visitor in [.nobody] + Visitor.roles.flatMap({ [Visitor.own($0), .foreign($0)] }) {
                guard let expected = row.expected(visitor) else { continue }
                let role = visitor.role ?? .admin
                let isForeign = visitor.isForeign
                var path = paths["\(role) \(row.path)"] ?? row.path
                if !isForeign { path = try await own.filled(row.path, for: role) }
                var body = row.body?.text
                if let text = body {
                    body = isForeign ? bodies[text] : nil
                    if body == nil { body = try await own.filled(text, for: role) }
                }
                var token = desks[role]?.token ?? ""
                // It ends the login that it comes with.
                if row.path == "/auth/logout", visitor != .nobody { token = try await own.salon.login(role).token }
                var headers = [("X-Forwarded-For", own.salon.address), ("Accept-Language", "en")]
                if visitor != .nobody { headers.append(("Authorization", "Bearer \(token)")) }
                let json = try body.map { try JSONValue(parsing: $0) }
                let answer = try await deployment.a.http.request(row.method, "/api/v1\(path)", headers: headers, json: json)
                let place = "\(visitor): \(row.method) \(path) \(body ?? "")"
                #expect(answer.status == expected, "\(place): \(answer.text)")
                if expected == 403, row.allowed != nil { answer.expectError(403, "FORBIDDEN") }
                #expect(!answer.text.contains(other.marker), "\(place): \(answer.text)")
                table.note(row, visitor, answer.status)
            }
        }
        #expect(try await other.fingerprint() == before)
        print(table.text)
        let file = Shell.repository.appendingPathComponent(".local/log/permissions.txt")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try table.text.write(to: file, atomically: true, encoding: .utf8)
    }
}

/// What was answered, for people.
private struct WalkTable {
    private var cells: [String: [Visitor: Int]] = [:]

    mutating func note(_ row: WalkRow, _ visitor: Visitor, _ status: Int) {
        self.cells[row.shape, default: [:]][visitor] = status
    }

    /// A line for each route: what each role got with its own salon's ids, and with the other's.
    var text: String {
        func padded(_ text: String, _ width: Int) -> String { text.padding(toLength: width, withPad: " ", startingAt: 0) }
        let head = Visitor.roles.map { padded("\($0)", 14) }.joined()
        var lines = [padded("own id / another salon's id", 48) + head + "no token"]
        for row in WalkRow.all {
            let answers = self.cells[row.shape] ?? [:]
            let columns = Visitor.roles.map { role in
                let foreign = answers[.foreign(role)].map { " / \($0)" } ?? ""
                return padded((answers[.own(role)].map(String.init) ?? "–") + foreign, 14)
            }
            let line = padded(row.method, 7) + padded(row.path, 41) + columns.joined()
            lines.append(line + (answers[.nobody].map(String.init) ?? "–"))
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
