import HTTPTypes
import JSON
import Logging
import NIOCore
import Outbox
import Postgres
import Secrets
import Telegram

extension RouteTable {
    /// Login through Telegram, and linking an account to it.
    mutating func addTelegram() {
        self.add(.post, "/auth/telegram/init", .nobody) { call in try await TelegramLoginDesk(call).begin() }
        self.add(.get, "/auth/telegram/status/{auth_code}", .nobody) { call in try await TelegramLoginDesk(call).status() }
        self.add(.post, "/auth/telegram/link", .signedIn) { call in try await TelegramLoginDesk(call).beginLink() }
        self.add(.delete, "/auth/telegram/link", .signedIn) { call in try await TelegramLoginDesk.unlink(call) }
        self.add(.post, "/telegram/webhook", .nobody) { call in try await TelegramLoginDesk(call).takeUpdate() }
    }
}

/// The routes of Telegram login, where a bot is configured.
struct TelegramLoginDesk: Sendable {
    private let call: Call
    private let telegram: TelegramDesk

    /// - Throws: 503 without a bot
    init(_ call: Call) throws(APIError) {
        guard let telegram = call.backend.telegram else { throw APIError(.telegramDisabled) }
        self.call = call
        self.telegram = telegram
    }

    private var backend: Backend { self.call.backend }

    // MARK: Login

    /// A code for the page, a link and a QR code for the telephone.
    func begin() async throws -> Answer {
        try await self.backend.telegramLimits.begin.check(self.call.address)
        var body = BodyReader(self.call.bytes.readableBytes == 0 ? JSONObject() : try self.call.object())
        let asked = body.integer("salon", in: 1...Int64.max).value
        try body.finish()
        let (salonID, time) = try await self.salon(asked)
        let origin = LoginOrigin(
            device: BrowserName.text(userAgent: self.call.headers[.userAgent]),
            address: self.call.address,
            time: time
        )
        let begun = try await self.telegram.beginLogin(salonID: salonID, origin: origin)
        var answer: JSONObject = ["auth_code": .string(begun.code.text)]
        answer = answer.merging(try self.common(begun))
        answer["match_number"] = begun.number.map { JSONValue($0) }
        return .json(.object(answer))
    }

    private func common(_ begun: TelegramDesk.Begun) throws -> JSONObject {
        [
            "bot_username": .string(self.telegram.settings.username), "deep_link": .string(begun.deepLink),
            "qr_code": .string(try QRCode.dataURL(of: begun.deepLink)), "expires_in": JSONValue(begun.expiresIn),
        ]
    }

    /// The salon that a new account would belong to, `nil` where there are several and none is named, and its time of day.
    private func salon(_ asked: Int64?) async throws -> (Int64?, String) {
        let filter: SQL = asked.map { "WHERE id = \($0)" } ?? ""
        let rows = try await self.backend.client.query(
            """
            SELECT id, to_char(now() AT TIME ZONE timezone, 'DD.MM.YYYY HH24:MI') AS time FROM salons \(filter)
            ORDER BY id LIMIT 2
            """
        )
        guard let row = rows.first else {
            guard asked != nil else { return (nil, "") }
            throw APIError.invalid("salon", LocalizedText("There is no such salon", "Такого салону немає"))
        }
        return (rows.count == 1 ? try row.get("id", as: Int64.self) : nil, try row.get("time"))
    }

    /// How far a login is; to the first who asks once it is completed, its tokens.
    func status() async throws -> Answer {
        try await self.backend.telegramLimits.look.check(self.call.address)
        let code = self.call.parameters["auth_code"] ?? ""
        // A HEAD would take them and throw them away.
        guard self.call.method == .get else { return .json(.object(try await self.telegram.status(of: code).json)) }
        switch try await self.telegram.take(code) {
        case .status(let status): return .json(.object(status.json))
        case .user(let userID):
            do {
                return try await self.handOver(userID)
            } catch {
                // Nothing was done, unless the commit's answer was lost: then there may be a session that nobody uses.
                do throws(TelegramError) {
                    try await self.telegram.giveBack(code)
                } catch {
                    self.call.logger.warning("a login's tokens were lost", metadata: ["error": "\(error)"])
                }
                throw error
            }
        }
    }

    private func handOver(_ userID: Int64) async throws -> Answer {
        try await self.call.write { unit in
            let rows = try await unit.query(
                """
                SELECT u.salon_id, u.is_active, s.demo FROM users u JOIN salons s ON s.id = u.salon_id
                WHERE u.id = \(userID) FOR SHARE OF u
                """
            )
            // Deactivated since the tap.
            guard let row = rows.first, try row.get("is_active") else {
                return .json(["status": "cancelled", "reason": .string(CancelReason.inactive.rawValue)])
            }
            let isDemo: Bool = try row.get("demo")
            guard !isDemo || self.call.isLocal else { throw APIError(.demoLocalOnly) }
            let tokens = try await TokenDesk(backend: self.backend).open(unit, userID: userID, salonID: try row.get("salon_id"))
            let status: JSONObject = ["status": .string(LoginStatus.completed.rawValue)]
            return .json(.object(status.merging(tokens.object ?? JSONObject())))
        }
    }

    // MARK: Linking

    func beginLink() async throws -> Answer {
        let user = try self.call.user
        try await self.backend.telegramLimits.begin.check("user \(user.id)")
        let begun = try await self.telegram.beginLink(userID: user.id)
        let answer: JSONObject = ["link_code": .string(begun.code.text)]
        return .json(.object(answer.merging(try self.common(begun))))
    }

    /// Nobody locks themselves out: an account without a password keeps its Telegram. Needs no bot.
    static func unlink(_ call: Call) async throws -> Answer {
        let user = try call.user
        return try await call.write { unit in
            let row = try await unit.query(
                """
                SELECT telegram_id IS NOT NULL AS is_linked, hashed_password IS NOT NULL AS has_password
                FROM users WHERE id = \(user.id) FOR NO KEY UPDATE
                """
            ).only()
            guard try row.get("is_linked") else { return .noContent }
            guard try row.get("has_password") else { throw APIError(.telegramOnlyLogin) }
            var columns = ColumnChanges()
            columns.set("telegram_id", to: "NULL")
            columns.set("telegram_username", to: "NULL")
            _ = try await unit.change(.user, user.id, columns, by: user)
            return .noContent
        }
    }

    // MARK: Updates

    /// What Telegram sends in webhook mode. It is sent again unless the answer is 2xx.
    func takeUpdate() async throws -> Answer {
        guard self.telegram.isTelegram(secret: self.call.headers[.telegramSecret]) else { throw APIError(.forbidden) }
        try await self.telegram.handle(.object(try self.call.object()))
        return .json(["ok": true])
    }
}
