import JSON

// What people do, on their telephones.
extension World {
    /// What somebody writes, beyond the text.
    struct Writing: Sendable {
        var text: String
        /// Seconds since 1970; now if nil.
        var date: Int64?
        var isForwarded = false
        var isByAnotherBot = false
    }

    /// Opens a deep link and presses Start. It also lets the bot write again.
    mutating func open(_ id: Int64, start: String?, now: Double) throws(ControlError) -> JSONObject {
        if let start, !StartParameter.isValid(start) {
            throw ControlError(400, "a start parameter is 1 to 64 of A-Z, a-z, 0-9, _ and -")
        }
        var person = try self.known(id)
        (person.hasStarted, person.isBlocking) = (true, false)
        self.update(person)
        return try self.write(id, in: id, Writing(text: start.map { "/start \($0)" } ?? "/start"), now: now)
    }

    /// Writes a message, in the own chat with the bot or in the group.
    mutating func write(_ id: Int64, in room: Int64, _ writing: Writing, now: Double) throws(ControlError) -> JSONObject {
        var person = try self.known(id)
        guard room == id || room == Self.group else { throw ControlError(404, "there is no such chat") }
        guard (1...RichText.longestText).contains(writing.text.unicodeScalars.count) else {
            throw ControlError(400, "a text has 1 to \(RichText.longestText) characters")
        }
        if room == id {
            (person.hasStarted, person.isBlocking) = (true, false)
            self.update(person)
        }
        var history = self.rooms[room] ?? Room()
        let post = Post(
            id: history.nextID(),
            from: person,
            date: writing.date ?? Int64(now),
            content: RichText(plain: writing.text, entities: Self.commands(writing.text)),
            isForwarded: writing.isForwarded
        )
        history.append(post)
        self.rooms[room] = history
        var json = self.postJSON(post, in: room)
        if writing.isByAnotherBot {
            json["via_bot"] = .object(Person(id: 6_000_000_001, isBot: true, firstName: "Other", username: "other_bot").json)
        }
        self.updates.append("message", .object(json))
        return json
    }

    /// Changes a message of one's own.
    mutating func edit(_ id: Int64, in room: Int64, message: Int64, text: String, now: Double) throws(ControlError) -> JSONObject
    {
        let person = try self.known(id)
        guard var post = self.rooms[room]?[message], post.from.id == person.id else {
            throw ControlError(404, "there is no such message of this person")
        }
        guard (1...RichText.longestText).contains(text.unicodeScalars.count) else {
            throw ControlError(400, "a text has 1 to \(RichText.longestText) characters")
        }
        (post.content, post.editDate) = (RichText(plain: text, entities: Self.commands(text)), Int64(now))
        self.rooms[room]?.replace(post)
        let json = self.postJSON(post, in: room)
        self.updates.append("edited_message", .object(json))
        return json
    }

    /// Taps a button by its number in the message, from 0.
    mutating func tap(_ id: Int64, in room: Int64, message: Int64?, button: Int, query: String, now: Double) throws(ControlError)
        -> Tap
    {
        let post =
            message.map { self.rooms[room]?[$0] }
            ?? self.rooms[room]?.posts.last { $0.keyboard != nil }
        guard let post, let buttons = post.keyboard?.buttons else {
            throw ControlError(404, "there is no such message with buttons")
        }
        guard buttons.indices.contains(button), let data = buttons[button].data else {
            throw ControlError(404, "the message has no such button with data")
        }
        return try self.send(id, in: room, message: post.id, data: data, query: query, now: now)
    }

    /// Sends any data from anybody's telephone, as a changed client can.
    mutating func send(
        _ id: Int64,
        in room: Int64,
        message: Int64,
        data: String,
        query: String,
        now: Double
    ) throws(ControlError) -> Tap {
        let person = try self.known(id)
        guard let chat = self.chatJSON(room) else { throw ControlError(404, "there is no such chat") }
        let tap = Tap(id: query, person: id, room: room, message: message, time: now)
        self.add(tap)
        let json = self.rooms[room]?[message].map { self.postJSON($0, in: room) }
        self.updates.append(
            "callback_query",
            [
                "id": .string(query), "from": .object(person.json), "chat_instance": .string("\(room)"), "data": .string(data),
                // What Telegram no longer has is "inaccessible": a date of 0.
                "message": .object(json ?? ["message_id": JSONValue(message), "chat": .object(chat), "date": 0]),
            ]
        )
        return tap
    }

    func known(_ id: Int64) throws(ControlError) -> Person {
        guard let person = self.person(id) else { throw ControlError(404, "there is no such person") }
        return person
    }

    /// A command at the beginning is an entity of its own.
    private static func commands(_ text: String) -> [RichText.Entity] {
        guard text.hasPrefix("/") else { return [] }
        return [.init(type: "bot_command", offset: 0, length: text.prefix { !$0.isWhitespace }.utf16.count)]
    }
}
