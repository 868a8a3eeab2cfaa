import JSON
import Outbox
import Postgres

/// What the salon's roles may do, as data: `{role, permissions}`.
enum RoleSettings {
    /// All roles, and where the topic stood when they were read.
    static func list(_ reader: any Reader, salonID: Int64) async throws -> Answer {
        try await self.read(reader, salonID: salonID) { words in
            .array(Role.allCases.map { self.body($0, words[$0.rawValue]?.array?.compactMap(\.string)) })
        }
    }

    static func get(_ reader: any Reader, salonID: Int64, _ role: Role) async throws -> Answer {
        try await self.read(reader, salonID: salonID) { self.body(role, $0[role.rawValue]?.array?.compactMap(\.string)) }
    }

    private static func read(
        _ reader: any Reader,
        salonID: Int64,
        _ body: (JSONObject) -> JSONValue
    ) async throws -> Answer {
        let row = try await reader.query(
            """
            SELECT (SELECT coalesce(jsonb_object_agg(role, permissions), '{}') FROM role_permissions WHERE salon_id = \(salonID))
                   AS words, h.seq, h.epoch
            FROM topic_heads h WHERE h.topic = \(Topic.salon(salonID, Reports.role.topic))
            """
        ).only()
        return Answer.json(body(try row.get("words", as: PostgresJSON.self).object()))
            .with(.topicSeq, String(try row.get("seq", as: Int64.self)))
            .with(.topicEpoch, try row.get("epoch"))
    }

    private static func body(_ role: Role, _ words: [String]?) -> JSONValue {
        let words = words ?? RoleMatrix.permissions(of: role).words
        return ["role": .string(role.rawValue), "permissions": .array(words.map { .string($0) })]
    }

    /// Says what a role may do from here on, on REST and on the sockets of every node.
    static func update(_ unit: UnitOfWork, user: CurrentUser, _ role: Role, _ words: [String]) async throws -> JSONValue {
        try await SalonSettings.lock(unit, salonID: user.salonID)
        let before = try await RoleRights.words(unit, salonID: user.salonID, role: role)
        let body = self.body(role, words)
        guard Set(words) != Set(before) else { return body }
        _ = try await unit.query(
            """
            INSERT INTO role_permissions (salon_id, role, permissions)
            VALUES (\(user.salonID), \(role.rawValue), \(words)::text[])
            ON CONFLICT (salon_id, role) DO UPDATE SET permissions = excluded.permissions, updated_at = now()
            """
        )
        func list(_ words: Set<String>) -> JSONValue { .string(String(words.sorted().joined(separator: ", ").prefix(500))) }
        let (added, removed) = (Set(words).subtracting(before), Set(before).subtracting(words))
        var details = JSONObject()
        if !added.isEmpty { details["added"] = list(added) }
        if !removed.isEmpty { details["removed"] = list(removed) }
        unit.report(
            .role,
            .updated,
            id: nil,
            name: role.rawValue,
            data: PostgresJSON(text: body.text),
            details: details,
            by: user,
            salonID: user.salonID
        )
        RoleRights.announce(unit, role, user.salonID)
        OwnAccount.announce(unit, try await UserRepository.active(unit, salonID: user.salonID, role: role))
        return body
    }
}
