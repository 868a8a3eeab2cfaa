import HTTPTypes
import Hummingbird
import JSON

/// `/sandbox/…`: what people do with their telephones, for the page and for tests. JSON in, JSON out; Protocol is in the README.
struct ControlSide: Sendable {
    private static let longestWait: Int64 = 60

    let sandbox: Sandbox

    /// - Parameter path: what stands behind `/sandbox/`.
    func respond(to request: Request, path: Substring) async -> Response {
        do throws(ControlError) {
            switch (request.method, path) {
            case (.get, "state"): return JSONAnswer.make(try await self.state(try self.query(request)))
            case (.get, "messages"): return JSONAnswer.make(try self.messages(try self.query(request)))
            case (.get, "calls"): return JSONAnswer.make(try await self.calls(try self.query(request)))
            case (.post, let action): return JSONAnswer.make(try await self.act(action, try await self.body(request)))
            default: throw ControlError(404, "there is no such path")
            }
        } catch {
            return JSONAnswer.make(error)
        }
    }

    private func act(_ action: Substring, _ given: Parameters) async throws(ControlError) -> JSONObject {
        switch action {
        case "people": return try self.addPerson(given)
        case "block": return try self.block(given)
        case "open": return try self.open(given)
        case "write": return try self.write(given)
        case "edit": return try self.edit(given)
        case "tap": return try await self.tap(given)
        case "forge": return try await self.forge(given)
        case "updates": return try self.addUpdate(given)
        case "faults": return try self.addFault(given)
        default: throw ControlError(404, "there is no such action")
        }
    }

    // MARK: looking

    private func state(_ given: Parameters) async throws(ControlError) -> JSONObject {
        if let version = given.int("after"), version == self.sandbox.version {
            await self.sandbox.waitForChange(after: Int(version), self.limit(given))
        }
        let version = self.sandbox.version
        return self.sandbox.read { $0.view(of: given.int("person")) }.merging(["version": JSONValue(version)])
    }

    private func messages(_ given: Parameters) throws(ControlError) -> JSONObject {
        let room = try self.number(given, "chat")
        return ["messages": .array(self.sandbox.read { $0.messages(in: room) })]
    }

    /// The bot's calls after a number, waited for if there are none yet.
    private func calls(_ given: Parameters) async throws(ControlError) -> JSONObject {
        let after = given.int("after") ?? 0
        let method = given.string("method")?.lowercased()
        let found = await self.sandbox.wait(self.limit(given)) { world -> [JSONValue]? in
            let calls = world.calls.filter { $0.number > after && (method == nil || $0.method.lowercased() == method) }
            return calls.isEmpty ? nil : calls.map { .object($0.json) }
        }
        return ["calls": .array(found ?? []), "last": JSONValue(self.sandbox.read { $0.callCount })]
    }

    // MARK: doing

    private func addPerson(_ given: Parameters) throws(ControlError) -> JSONObject {
        let name = given.string("first_name") ?? ""
        guard (1...64).contains(name.unicodeScalars.count) else { throw ControlError(400, "first_name has 1 to 64 characters") }
        for field in ["last_name", "username", "language_code"] where (given.string(field) ?? "").unicodeScalars.count > 64 {
            throw ControlError(400, "\(field) has at most 64 characters")
        }
        let person = Person(
            id: 0,
            isBot: given.bool("is_bot"),
            firstName: name,
            lastName: given.string("last_name"),
            username: given.string("username"),
            languageCode: given.string("language_code")
        )
        return try self.sandbox.change { world throws(ControlError) in try world.add(person).json }
    }

    private func block(_ given: Parameters) throws(ControlError) -> JSONObject {
        let id = try self.number(given, "person")
        return try self.sandbox.change { world throws(ControlError) in
            var person = try world.known(id)
            person.isBlocking = given.values["blocked"]?.bool ?? true
            world.update(person)
            return ["blocked": .bool(person.isBlocking)]
        }
    }

    private func open(_ given: Parameters) throws(ControlError) -> JSONObject {
        let id = try self.number(given, "person")
        let start = given.string("link").map { self.start(ofLink: $0) } ?? given.string("start")
        return try self.sandbox.change { world throws(ControlError) in try world.open(id, start: start, now: Sandbox.now) }
    }

    /// The parameter of a deep link; one that is not for this bot is told from a bad parameter by nobody.
    private func start(ofLink link: String) -> String {
        guard let range = link.firstRange(of: "?start=") else { return "" }
        let name = link[..<range.lowerBound].split(separator: "/").last.map(String.init)
        return name == self.sandbox.read({ $0.bot.username }) ? String(link[range.upperBound...]) : ""
    }

    private func write(_ given: Parameters) throws(ControlError) -> JSONObject {
        let id = try self.number(given, "person")
        let writing = World.Writing(
            text: given.string("text") ?? "",
            date: given.int("date"),
            isForwarded: given.bool("forwarded"),
            isByAnotherBot: given.bool("via_bot")
        )
        return try self.sandbox.change { world throws(ControlError) in
            try world.write(id, in: self.room(given, id), writing, now: Sandbox.now)
        }
    }

    private func edit(_ given: Parameters) throws(ControlError) -> JSONObject {
        let (id, message) = (try self.number(given, "person"), try self.number(given, "message"))
        return try self.sandbox.change { world throws(ControlError) in
            try world.edit(id, in: self.room(given, id), message: message, text: given.string("text") ?? "", now: Sandbox.now)
        }
    }

    private func tap(_ given: Parameters) async throws(ControlError) -> JSONObject {
        let id = try self.number(given, "person")
        let tap = try self.sandbox.change { world throws(ControlError) in
            try world.tap(
                id,
                in: self.room(given, id),
                message: given.int("message"),
                button: Int(clamping: given.int("button") ?? 0),
                query: Self.newQuery(),
                now: Sandbox.now
            )
        }
        return await self.answered(tap, given)
    }

    private func forge(_ given: Parameters) async throws(ControlError) -> JSONObject {
        let (id, message) = (try self.number(given, "person"), try self.number(given, "message"))
        guard let data = given.string("data"), data.utf8.count <= 4096 else {
            throw ControlError(400, "data is missing or too long")
        }
        let tap = try self.sandbox.change { world throws(ControlError) in
            try world.send(id, in: self.room(given, id), message: message, data: data, query: Self.newQuery(), now: Sandbox.now)
        }
        return await self.answered(tap, given)
    }

    /// The tap, with the bot's answer if that comes within `timeout` seconds.
    private func answered(_ tap: Tap, _ given: Parameters) async -> JSONObject {
        let answered = await self.sandbox.wait(self.limit(given)) { world in
            world.tap(tap.id).flatMap { $0.answer == nil ? nil : $0 }
        }
        return (answered ?? tap).json
    }

    /// Any update at all: another kind, or one that came already.
    private func addUpdate(_ given: Parameters) throws(ControlError) -> JSONObject {
        guard let update = given.values["update"]?.object else { throw ControlError(400, "update is no object") }
        if let id = update["update_id"]?.int {
            guard (1...UpdateQueue.greatestID).contains(id) else { throw ControlError(400, "update_id is not 1 to 2^53") }
            self.sandbox.change { $0.updates.insert(.init(id: id, json: update)) }
        } else {
            guard let (kind, content) = update.first.map({ ($0.key, $0.value) }) else {
                throw ControlError(400, "update is empty")
            }
            self.sandbox.change { $0.updates.append(kind, content) }
        }
        return [:]
    }

    private func addFault(_ given: Parameters) throws(ControlError) -> JSONObject {
        guard let code = given.int("error_code"), (400...599).contains(code) else {
            throw ControlError(400, "error_code is 400 to 599")
        }
        let seconds = given.int("retry_after").map { Int(clamping: $0) }
        let error =
            seconds.flatMap { code == 429 ? APIError.flood($0) : nil }
            ?? APIError(Int(code), given.string("description") ?? "Internal Server Error", retryAfter: seconds)
        let fault = Fault(
            method: given.string("method")?.lowercased(),
            error: error,
            times: Int(min(max(given.int("times") ?? 1, 1), 1000))
        )
        self.sandbox.change { world in
            world.faults.append(fault)
            if world.faults.count > 100 { world.faults.removeFirst() }
        }
        return [:]
    }

    // MARK: reading

    private func query(_ request: Request) throws(ControlError) -> Parameters {
        guard let values = FormText.parse(request.uri.query ?? "") else { throw ControlError(400, "the query is malformed") }
        return Parameters(values)
    }

    private func body(_ request: Request) async throws(ControlError) -> Parameters {
        guard request.headers[.contentType]?.hasPrefix("application/json") == true else { throw ControlError(415, "send JSON") }
        guard let body = try? await ParameterReader.body(request) else { throw ControlError(413, "the body is too long") }
        guard let object = (try? JSONValue(parsing: body))?.object else { throw ControlError(400, "the body is no JSON object") }
        return Parameters(object)
    }

    private func number(_ given: Parameters, _ name: String) throws(ControlError) -> Int64 {
        guard let number = given.int(name) else { throw ControlError(400, "\(name) is missing or no number") }
        return number
    }

    private func room(_ given: Parameters, _ person: Int64) -> Int64 { given.int("chat") ?? person }

    private func limit(_ given: Parameters) -> Duration {
        .seconds(min(max(given.int("timeout") ?? 0, 0), Self.longestWait))
    }

    private static func newQuery() -> String { String(UInt64.random(in: 1 << 60..<1 << 63)) }
}
