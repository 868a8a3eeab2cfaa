import JSON

/// All that the sandbox knows: people, chats, updates, and what the bot did. Nothing of it outlives the process, and everything that
/// grows has a limit.
struct World: Sendable {
    /// A group that the bot is in.
    static let group: Int64 = -1_009_000_000_001
    private static let mostPeople = 500

    let bot: Person
    private(set) var people: [Person]
    var rooms: [Int64: Room] = [:]
    var updates: UpdateQueue
    var webhook: Webhook?
    var webhooks = 0
    var faults: [Fault] = []
    private(set) var taps: [Tap] = []
    private(set) var calls: [Call] = []
    private(set) var callCount = 0
    /// The `getUpdates` that waits, if one does.
    private(set) var waitingPoll: Int?
    private var polls = 0
    private var ended: [Int: APIError] = [:]
    private var meters: [Int64: FloodMeter] = [:]

    /// - Parameters:
    ///   - bot: the bot.
    ///   - now: seconds since 1970.
    init(bot: Person, now: Double) {
        self.bot = bot
        self.people = Person.everybody
        self.updates = UpdateQueue(firstID: Int64(now))
        self.rooms[Self.group] = Room(title: "Салон")
    }

    // MARK: people

    func person(_ id: Int64) -> Person? { self.people.first { $0.id == id } }

    mutating func add(_ person: Person) throws(ControlError) -> Person {
        guard self.people.count < Self.mostPeople else { throw ControlError(409, "\(Self.mostPeople) people are enough") }
        var person = person
        person.id = (self.people.map(\.id).max() ?? 0) + 1
        self.people.append(person)
        return person
    }

    mutating func update(_ person: Person) {
        guard let index = self.people.firstIndex(where: { $0.id == person.id }) else { return }
        self.people[index] = person
    }

    // MARK: chats

    /// The chat's object, as in a message; nil if the bot is in no such chat.
    func chatJSON(_ id: Int64) -> JSONObject? {
        if id == Self.group {
            return ["id": JSONValue(id), "title": JSONValue(self.rooms[id]?.title), "type": "supergroup"]
        }
        return self.person(id)?.chatJSON
    }

    func postJSON(_ post: Post, in room: Int64) -> JSONObject {
        post.json(chat: self.chatJSON(room) ?? [:])
    }

    // MARK: taps

    mutating func add(_ tap: Tap) {
        self.taps.append(tap)
        if self.taps.count > Tap.limit { self.taps.removeFirst() }
    }

    func tap(_ id: String) -> Tap? { self.taps.first { $0.id == id } }

    mutating func answer(tap id: String, _ answer: Tap.Answer, now: Double) throws(APIError) {
        guard let index = self.taps.firstIndex(where: { $0.id == id }), self.taps[index].answer == nil,
            now - self.taps[index].time < Tap.lifetime
        else { throw .queryTooOld }
        self.taps[index].answer = answer
    }

    // MARK: polls

    /// A `getUpdates` begins; one that waits already is ended by it.
    mutating func beginPoll() throws(APIError) -> Int {
        guard self.webhook == nil else { throw .webhookActive }
        self.endPoll(.otherPoll)
        self.polls += 1
        self.waitingPoll = self.polls
        return self.polls
    }

    /// Ends the `getUpdates` that waits, if one does.
    mutating func endPoll(_ error: APIError) {
        guard let waiting = self.waitingPoll else { return }
        self.ended[waiting] = error
        self.waitingPoll = nil
    }

    /// What a waiting `getUpdates` is told; nil if nothing yet.
    mutating func look(poll: Int, limit: Int) throws(APIError) -> [JSONValue]? {
        if let error = self.ended.removeValue(forKey: poll) { throw error }
        return self.updates.entries.isEmpty ? nil : self.finish(poll: poll, limit: limit)
    }

    /// A `getUpdates` has waited long enough.
    mutating func finish(poll: Int, limit: Int) -> [JSONValue] {
        self.ended[poll] = nil
        if self.waitingPoll == poll { self.waitingPoll = nil }
        return self.updates.entries.prefix(limit).map { .object($0.json) }
    }

    // MARK: what the bot did

    mutating func record(_ method: String, _ parameters: JSONObject, status: Int) {
        guard !Call.unremarkable.contains(method.lowercased()) else { return }
        self.callCount += 1
        self.calls.append(Call(number: self.callCount, method: method, parameters: parameters, status: status))
        if self.calls.count > Call.limit { self.calls.removeFirst() }
    }

    /// A failure that was ordered for this call.
    mutating func takeFault(_ method: String) -> APIError? {
        guard let index = self.faults.firstIndex(where: { $0.method == nil || $0.method == method.lowercased() }) else {
            return nil
        }
        self.faults[index].times -= 1
        defer { self.faults.removeAll { $0.times <= 0 } }
        return self.faults[index].error
    }

    mutating func meter(_ room: Int64, now: Double) throws(APIError) {
        var meter = self.meters[room] ?? FloodMeter(now: now)
        defer { self.meters[room] = meter }
        if let seconds = meter.take(now: now) { throw .flood(seconds) }
    }
}
