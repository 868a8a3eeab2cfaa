import Outbox
import Postgres

/// The rows of `notifications`, and the events that report them to their readers' devices.
struct NotificationRepository: Sendable {
    /// One object for REST and socket: both spellings that clients know.
    static let projection = SQL.object(
        """
        'id', n.id::text, 'title', n.title, 'message', n.message, 'type', n.type, 'read', n.read, 'isRead', n.read,
        'createdAt', iso8601(n.created_at), 'link', n.link, 'url', n.link
        """
    )

    private static let unread: SQL = "(SELECT count(*) FROM notifications u WHERE u.user_id = n.user_id AND NOT u.read)"

    /// A list of one user's notifications, newest first, as `{data, meta, pagination, unreadCount}`.
    static func list(_ reader: any Reader, user: CurrentUser, read: Bool?, page: Page) async throws -> Answer {
        let filter: SQL = read.map { " AND n.read = \($0)" } ?? ""
        let row = try await reader.query(
            """
            WITH matching AS (SELECT n.id FROM notifications n WHERE n.user_id = \(user.id)\(filter)),
                 page AS (SELECT n.* FROM notifications n JOIN matching USING (id) ORDER BY n.id DESC \(page.clause)),
                 total AS (SELECT count(*) AS rows FROM matching),
                 meta AS (SELECT \(page.meta(total: "total.rows")) AS object FROM total)
            SELECT jsonb_build_object(
                'data', (SELECT coalesce(jsonb_agg(\(Self.projection) ORDER BY n.id DESC), '[]') FROM page n),
                'meta', meta.object, 'pagination', meta.object,
                'unreadCount', (SELECT count(*) FROM notifications u WHERE u.user_id = \(user.id) AND NOT u.read)) AS body,
                h.seq, h.epoch
            FROM meta, topic_heads h WHERE h.topic = \(Topic.notifications(user.id))
            """
        ).only()
        return Answer.json(try row.get("body", as: RawJSON.self))
            .with(.topicSeq, String(try row.get("seq", as: Int64.self)))
            .with(.topicEpoch, try row.get("epoch"))
    }

    /// Marks notifications as read and reports it in one event. Those that are read already are left alone.
    ///
    /// - Parameter id: one notification; `nil` for all
    static func markRead(_ unit: UnitOfWork, user: CurrentUser, id: Int64?) async throws {
        if let id {
            let rows = try await unit.query("SELECT 1 FROM notifications WHERE id = \(id) AND user_id = \(user.id)")
            guard !rows.isEmpty else { throw APIError(.notFound) }
        }
        let only: SQL = id.map { " AND id = \($0)" } ?? ""
        let rows = try await unit.query(
            "UPDATE notifications SET read = true WHERE user_id = \(user.id) AND NOT read\(only) RETURNING id::text"
        )
        guard !rows.isEmpty else { return }
        var ids: [String] = []
        for row in rows { ids.append(try row.get("id")) }
        let topic = Topic.notifications(user.id)
        unit.emit(on: [topic]) { [ids] unit in
            let data: PostgresJSON = try await unit.query(
                """
                SELECT jsonb_build_object('ids', to_jsonb(\(ids)::text[]), 'unreadCount',
                    (SELECT count(*) FROM notifications WHERE user_id = \(user.id) AND NOT read)) AS data
                """
            ).only().get("data")
            return [.init(topic, "notification:read", data)]
        }
    }

    /// Takes a notification away and reports it.
    static func delete(_ unit: UnitOfWork, user: CurrentUser, id: Int64) async throws {
        let rows = try await unit.query("DELETE FROM notifications WHERE id = \(id) AND user_id = \(user.id) RETURNING id")
        guard !rows.isEmpty else { throw APIError(.notFound) }
        let topic = Topic.notifications(user.id)
        unit.emit(on: [topic]) { unit in
            let data: PostgresJSON = try await unit.query(
                """
                SELECT jsonb_build_object('id', \(String(id))::text, 'unreadCount',
                    (SELECT count(*) FROM notifications WHERE user_id = \(user.id) AND NOT read)) AS data
                """
            ).only().get("data")
            return [.init(topic, "notification:deleted", data)]
        }
    }

    /// Somebody who is to be told.
    struct Recipient: Sendable {
        var userID: Int64
        var language: Language
    }

    /// Who is told of a visit: the booked master (and who was booked before), and the salon's active admins, managers and
    /// receptionists, as far as their role may see the calendar; but not who did it.
    ///
    /// - Parameter masters: ids of staff cards
    static func recipients(
        _ unit: UnitOfWork,
        ofVisitIn salonID: Int64,
        masters: Set<Int64?>,
        except actor: Int64
    ) -> Awaited<[Recipient]> {
        let masters = masters.compactMap(\.self).sorted()
        return unit.ask(
            """
            SELECT u.id, coalesce(u.language, s.language) AS language, u.role, \(RoleRights.column)
            FROM users u JOIN salons s ON s.id = u.salon_id \(RoleRights.join)
            WHERE u.salon_id = \(salonID) AND u.is_active AND u.id <> \(actor)
              AND (u.role IN ('admin', 'manager', 'receptionist') OR u.id = ANY(ARRAY(
                  SELECT m.user_id FROM staff m WHERE m.salon_id = \(salonID) AND m.id = ANY(\(masters)::int8[]))))
            ORDER BY u.id
            """
        ) { rows in
            try rows.filter { row in
                try RoleRights.permissions(row, role: try row.get("role")).allows(.calendar, .view)
            }.map { try Recipient($0) }
        }
    }

    /// The salon's active admins.
    static func admins(_ unit: UnitOfWork, of salonID: Int64) async throws -> [Recipient] {
        let rows = try await unit.query(
            """
            SELECT u.id, coalesce(u.language, s.language) AS language FROM users u JOIN salons s ON s.id = u.salon_id
            WHERE u.salon_id = \(salonID) AND u.is_active AND u.role = 'admin' ORDER BY u.id
            """
        )
        return try rows.map { try Recipient($0) }
    }

    /// Writes a notification for each reader, in their language, and reports each on its reader's topic.
    static func send(
        _ unit: UnitOfWork,
        salonID: Int64,
        to recipients: [Recipient],
        link: String?,
        _ text: (Language) -> NotificationText
    ) {
        guard !recipients.isEmpty else { return }
        let texts = recipients.map { text($0.language) }
        let (users, types) = (recipients.map(\.userID), texts.map(\.type))
        let (titles, messages) = (texts.map(\.title), texts.map(\.message))
        let ids = unit.ask(
            """
            INSERT INTO notifications (salon_id, user_id, type, title, message, link)
            SELECT \(salonID), w.user_id, w.type, w.title, w.message, \(link)
            FROM unnest(\(users)::int8[], \(types)::text[], \(titles)::text[], \(messages)::text[])
                AS w (user_id, type, title, message)
            RETURNING id
            """
        ) { rows in try rows.map { try $0.get("id", as: Int64.self) } }
        let type = "notification:new"
        unit.emit(on: recipients.map { Topic.notifications($0.userID) }, of: "notification", ids) { ids in
            """
            SELECT n.id AS place, \(Topic.notifications("n.user_id")) AS topic, \(type)::text AS type,
                   \(Self.projection) || jsonb_build_object('unreadCount', \(Self.unread)) AS data
            FROM notifications n WHERE n.id = ANY(\(ids)::int8[])
            """
        }
    }
}

extension NotificationRepository.Recipient {
    init(_ row: PostgresRow) throws(PostgresError) {
        self.userID = try row.get("id")
        self.language = Language(rawValue: try row.get("language")) ?? .ukrainian
    }
}
