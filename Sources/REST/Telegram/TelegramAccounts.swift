import JSON
public import Outbox
public import Postgres
public import Telegram

/// The accounts as Telegram login knows them, over the salon's tables.
public struct TelegramAccounts: Accounts {
    private static let columns: SQL = "id, is_active, first_name, last_name"

    private let client: PostgresClient
    private let outbox: TransactionalOutbox

    /// - Parameters:
    ///   - client: the node's pool
    ///   - outbox: writes changes with their events
    public init(client: PostgresClient, outbox: TransactionalOutbox) {
        self.client = client
        self.outbox = outbox
    }

    /// The account that is linked to this Telegram user.
    public func account(telegramID: Int64) async throws -> Account? {
        try await self.client.query("SELECT \(Self.columns) FROM users WHERE telegram_id = \(telegramID)").first
            .map { try Account($0) }
    }

    /// A receptionist of the salon, once. An account that has to be approved is inactive, and the salon's admins are told.
    public func register(_ person: TelegramUser, salonID: Int64, isActive: Bool) async throws -> Account? {
        try await self.outbox.transaction { unit in
            let rows = try await unit.query(
                """
                INSERT INTO users (salon_id, email, telegram_id, telegram_username, first_name, last_name, role, is_active)
                VALUES (\(salonID), \("telegram_\(person.id)@adelante-crm.local"), \(person.id), \(person.username),
                        \(person.firstName), \(person.lastName ?? ""), \(Role.receptionist.rawValue), \(isActive))
                ON CONFLICT DO NOTHING RETURNING \(Self.columns)
                """
            )
            guard let row = rows.first else {
                // Made before, by this update or another. Or somebody unlinked it, and its e-mail is still there.
                return try await unit.query("SELECT \(Self.columns) FROM users WHERE telegram_id = \(person.id)").first
                    .map { try Account($0) }
            }
            let account = try Account(row)
            let name = "\(account.firstName) \(account.lastName)".trimmed
            _ = try await unit.reportCreated(.user, account.id, details: ["via": "telegram"], by: nil, salonID: salonID)
            if !isActive { try await Self.tellAdmins(unit, salonID: salonID, name: name) }
            return account
        }
    }

    private static func tellAdmins(_ unit: UnitOfWork, salonID: Int64, name: String) async throws {
        let admins = try await NotificationRepository.admins(unit, of: salonID)
        NotificationRepository.send(unit, salonID: salonID, to: admins, link: "/settings/users") { language in
            NotificationText(
                title: LocalizedText("Somebody waits for your approval", "Хтось чекає на ваше підтвердження").text(in: language),
                message: LocalizedText(
                    "\(name) has registered through Telegram",
                    "\(name): реєстрація через Telegram"
                ).text(in: language),
                type: "warning"
            )
        }
    }

    /// Links an account to a Telegram user, if neither is linked to another. The account's owner is notified.
    public func link(_ person: TelegramUser, to userID: Int64) async throws -> LinkOutcome {
        do {
            return try await self.outbox.transaction { unit in try await Self.link(unit, person, to: userID) }
        } catch let error as PostgresError where error.sqlState == .uniqueViolation {
            // Two accounts at once.
            return .refused(.telegramTaken)
        }
    }

    private static func link(_ unit: UnitOfWork, _ person: TelegramUser, to userID: Int64) async throws -> LinkOutcome {
        let rows = try await unit.query(
            """
            SELECT \(self.columns), salon_id, telegram_id,
                   coalesce(u.language, (SELECT s.language FROM salons s WHERE s.id = u.salon_id)) AS language,
                   EXISTS (SELECT 1 FROM users o WHERE o.telegram_id = \(person.id) AND o.id <> u.id) AS is_taken
            FROM users u WHERE id = \(userID) AND is_active FOR NO KEY UPDATE
            """
        )
        guard let row = rows.first else { return .refused(.gone) }
        let account = try Account(row)
        if let linked = try row.get("telegram_id", as: Int64?.self) {
            return linked == person.id ? .linked(account) : .refused(.accountTaken)
        }
        if try row.get("is_taken") { return .refused(.telegramTaken) }
        let salonID: Int64 = try row.get("salon_id")
        try Self.tellOwner(unit, NotificationRepository.Recipient(row), salonID: salonID, of: person)
        _ = try await unit.change(.user, userID, by: nil, salonID: salonID) { unit in
            var columns = ColumnChanges()
            columns.set("telegram_id", to: "\(person.id)")
            columns.set("telegram_username", to: "\(person.username)")
            return try await columns.write(unit, to: "users", where: "salon_id = \(salonID) AND id = \(userID)")
        }
        return .linked(account)
    }

    /// Whoever opens a link first gets the account, so its owner has to notice if that was somebody else.
    private static func tellOwner(
        _ unit: UnitOfWork,
        _ owner: NotificationRepository.Recipient,
        salonID: Int64,
        of person: TelegramUser
    ) {
        let name = person.username.map { "@\($0)" } ?? person.fullName
        NotificationRepository.send(unit, salonID: salonID, to: [owner], link: nil) { language in
            NotificationText(
                title: LocalizedText("Telegram was linked", "Telegram прив'язано").text(in: language),
                message: LocalizedText(
                    "Telegram \(name) was linked to your account. If that was not you, unlink it.",
                    "Telegram \(name) прив'язано до вашого облікового запису. Якщо це були не ви, відв'яжіть його."
                ).text(in: language)
            )
        }
    }

    /// Whether trying again may help.
    public func isTransient(_ error: any Error) -> Bool {
        guard let error = error as? PostgresError else { return false }
        return error.isUnavailable || error.isRetryable || error.code == .commitUnknown || error.code == .statementTimeout
            || error.sqlState == .lockNotAvailable
    }
}

extension Account {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            id: try row.get("id"),
            isActive: try row.get("is_active"),
            firstName: try row.get("first_name"),
            lastName: try row.get("last_name")
        )
    }
}
