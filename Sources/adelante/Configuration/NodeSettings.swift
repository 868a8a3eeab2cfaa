import Desks
import Foundation
import Hub
import Logging
import NIOCore
import Postgres
import REST
import Redis
import Telegram
import WebSocket

/// Everything that the environment says, checked: with it a node starts, or the start stops with one clear line.
struct NodeSettings: Sendable {
    var host: String
    var port: Int
    /// `nil`: connections are not encrypted here.
    var tls: ServerCertificate?
    var postgres: PostgresConfiguration
    var redis: RedisConfiguration
    var secretKey: String
    var previousSecretKey: String?
    var bcryptCost: Int
    var api: APISettings
    /// `nil`: no bot, no login through Telegram.
    var telegram: TelegramSettings?
    var hub: HubSettings
    var desks: DeskSettings
    var handshakeTimeout: TimeAmount
    /// Largest head of a request in bytes, a handshake's too.
    var maximumHeaderBytes: Int
    var drain: TimeAmount
    var retentionDays: Int
    /// Whether `/echo` is served, for conformance suites.
    var echoes: Bool
    var logLevel: Logger.Level
    var logsJSON: Bool
    /// Settings that somebody may have misspelt, or that this version does not use yet.
    /// Threads that serve connections; 0: as many as there are processors.
    var eventLoops: Int
    var warnings: [String]

    /// Reads the process's environment and `.env`.
    static func load() throws(SettingError) -> NodeSettings {
        let dotEnv = try? String(contentsOfFile: ".env", encoding: .utf8)
        return try NodeSettings(SettingsReader(environment: ProcessInfo.processInfo.environment, dotEnv: dotEnv))
    }

    init(_ reader: SettingsReader) throws(SettingError) {
        self.host = try reader.required("HOST")
        self.port = try reader.integer("PORT", 0...65_535)
        switch (reader.text("TLS_CERT"), reader.text("TLS_KEY")) {
        case (nil, nil): self.tls = nil
        case (let certificate?, let key?): self.tls = ServerCertificate(certificate: certificate, key: key)
        case (_?, nil): throw SettingError("TLS_KEY", "is not set although TLS_CERT is")
        case (nil, _?): throw SettingError("TLS_CERT", "is not set although TLS_KEY is")
        }
        self.postgres = PostgresConfiguration(
            url: try reader.required("DATABASE_URL"),
            poolSize: try reader.integer("DB_POOL_SIZE", 1...500)
        )
        do {
            try self.postgres.check()
        } catch {
            throw SettingError("DATABASE_URL", "cannot be used: \(error.message)")
        }
        do {
            self.redis = try RedisConfiguration(url: try reader.required("REDIS_URL"))
        } catch let error as RedisError {
            throw SettingError("REDIS_URL", "cannot be used: \(error.message)")
        } catch let error as SettingError {
            throw error
        } catch {
            throw SettingError("REDIS_URL", "cannot be used")
        }
        self.secretKey = try reader.required("SECRET_KEY")
        self.previousSecretKey = reader.text("SECRET_KEY_PREVIOUS")
        if self.secretKey.utf8.count < 32 { throw SettingError("SECRET_KEY", "must have at least 32 bytes") }
        if let previousSecretKey, previousSecretKey.utf8.count < 32 {
            throw SettingError("SECRET_KEY_PREVIOUS", "must have at least 32 bytes")
        }
        _ = try reader.word("ALGORITHM", ["HS256"])
        self.bcryptCost = try reader.integer("BCRYPT_COST", 4...16)
        self.api = try Self.api(reader)
        self.telegram = try Self.telegram(reader)
        self.hub = try Self.hub(reader)
        self.desks = try Self.desks(reader)
        self.handshakeTimeout = .seconds(Int64(try reader.integer("WS_HANDSHAKE_SECONDS", 1...300)))
        self.maximumHeaderBytes = try reader.integer("HTTP_MAX_HEADER_BYTES", 1_024...1_048_576)
        self.drain = .seconds(Int64(try reader.integer("DRAIN_SECONDS", 0...600)))
        self.retentionDays = try reader.integer("EVENT_RETENTION_DAYS", 1...3_650)
        self.echoes = try reader.flag("CONFORMANCE_ECHO")
        guard let level = Logger.Level(rawValue: try reader.required("LOG_LEVEL")) else {
            throw SettingError("LOG_LEVEL", "must be one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self.logLevel = level
        self.logsJSON = try reader.word("LOG_FORMAT", ["text", "json"]) == "json"
        self.eventLoops = try reader.integer("EVENT_LOOPS", 0...1_024)
        let known = Set(Setting.all.map(\.name))
        self.warnings = reader.names
            .filter { ($0.hasPrefix("WS_") || $0.hasPrefix("TELEGRAM_")) && !known.contains($0) }
            .map { "\($0) is not a setting of this server" }
        self.warnings += Setting.all
            .filter { $0.isReserved && reader.names.contains($0.name) && reader.text($0.name) != $0.defaultValue }
            .map { "\($0.name) is not used by this version: \($0.meaning)" }
    }

    private static func api(_ reader: SettingsReader) throws(SettingError) -> APISettings {
        var api = APISettings()
        api.accessTokenSeconds = Int64(try reader.integer("ACCESS_TOKEN_EXPIRE_MINUTES", 1...525_600)) * 60
        api.refreshTokenSeconds = Int64(try reader.integer("REFRESH_TOKEN_EXPIRE_DAYS", 1...3_650)) * 86_400
        api.registrationIsOpen = try reader.word("REGISTRATION", ["open", "closed"]) == "open"
        api.setupIsOpen = try reader.flag("SETUP_OPEN")
        api.limitsRates = try reader.flag("RATE_LIMITS")
        api.allowedOrigins = try reader.origins("ALLOWED_ORIGINS")
        api.servesExamples = try reader.flag("DEMO")
        for text in reader.list("TRUSTED_PROXIES") {
            guard let block = AddressBlock(text) else { throw SettingError("TRUSTED_PROXIES", "has '\(text)', which is no CIDR") }
            api.trustedProxies.append(block)
        }
        return api
    }

    private static func telegram(_ reader: SettingsReader) throws(SettingError) -> TelegramSettings? {
        let lifetime = Int64(try reader.integer("TELEGRAM_CODE_TTL", 1...3_600))
        let matchesNumbers = try reader.flag("TELEGRAM_NUMBER_MATCH")
        let isWebhook = try reader.word("TELEGRAM_MODE", ["polling", "webhook"]) == "webhook"
        let apiBase = try reader.webAddress("TELEGRAM_API_BASE")
        let linkBase = try reader.webAddress("TELEGRAM_LINK_BASE")
        let policies = RegistrationPolicy.allCases.map(\.rawValue)
        let policy = reader.text("TELEGRAM_REGISTRATION") == nil ? nil : try reader.word("TELEGRAM_REGISTRATION", policies)
        guard let text = reader.text("TELEGRAM_BOT_TOKEN") else { return nil }
        guard let token = BotToken(text), token.botID != nil else {
            throw SettingError("TELEGRAM_BOT_TOKEN", "is no bot's token: a number, a colon and its secret")
        }
        let withToken = "is not set although TELEGRAM_BOT_TOKEN is"
        guard let name = reader.text("TELEGRAM_BOT_USERNAME") else { throw SettingError("TELEGRAM_BOT_USERNAME", withToken) }
        let username = name.hasPrefix("@") ? String(name.dropFirst()) : name
        guard username.wholeMatch(of: /[A-Za-z0-9_]{3,64}/) != nil else {
            throw SettingError("TELEGRAM_BOT_USERNAME", "is no bot's name: letters, digits and _")
        }
        guard let policy else { throw SettingError("TELEGRAM_REGISTRATION", withToken) }
        return TelegramSettings(
            token: token,
            username: username,
            registration: RegistrationPolicy(rawValue: policy) ?? .closed,
            mode: isWebhook ? .webhook(url: try reader.webAddress("TELEGRAM_WEBHOOK_URL")) : .polling,
            apiBase: apiBase,
            linkBase: linkBase,
            codeLifetime: lifetime,
            matchesNumbers: matchesNumbers
        )
    }

    private static func desks(_ reader: SettingsReader) throws(SettingError) -> DeskSettings {
        var desks = DeskSettings()
        // A board that nothing happens on is forgotten after ten minutes.
        desks.lease = Int64(try reader.integer("WS_PRESENCE_SECONDS", 1...600)) * 1_000
        desks.holdLife = Int64(try reader.integer("WS_HOLD_SECONDS", 1...3_600)) * 1_000
        return desks
    }

    private static func hub(_ reader: SettingsReader) throws(SettingError) -> HubSettings {
        var hub = HubSettings()
        hub.webSocket.maxMessageBytes = try reader.integer("WS_MAX_MESSAGE_BYTES", 125...16_777_216)
        hub.webSocket.maxFragments = try reader.integer("WS_MAX_FRAGMENTS", 1...1_000_000)
        hub.webSocket.messageTimeout = .seconds(Int64(try reader.integer("WS_MESSAGE_SECONDS", 1...3_600)))
        hub.webSocket.pingInterval = .seconds(Int64(try reader.integer("WS_PING_SECONDS", 1...3_600)))
        hub.webSocket.pongTimeout = .seconds(Int64(try reader.integer("WS_PONG_SECONDS", 1...3_600)))
        hub.maximumTopics = try reader.integer("WS_MAX_TOPICS", 1...10_000)
        hub.commandsPerSecond = Double(try reader.integer("WS_COMMANDS_PER_SECOND", 1...100_000))
        hub.commandBurst = hub.commandsPerSecond * 2
        hub.maximumSocketsPerUser = try reader.integer("WS_MAX_SOCKETS_PER_USER", 1...1_000_000)
        hub.maximumSocketsPerAddress = try reader.integer("WS_MAX_SOCKETS_PER_ADDRESS", 1...1_000_000)
        hub.handshakesPerSecond = Double(try reader.integer("WS_HANDSHAKES_PER_SECOND", 1...100_000))
        hub.anonymousSeconds = Int64(try reader.integer("WS_HANDSHAKE_SECONDS", 1...300))
        hub.limitsRates = try reader.flag("RATE_LIMITS")
        hub.allowedOrigins = try reader.origins("ALLOWED_ORIGINS")
        let drain = try reader.integer("DRAIN_SECONDS", 0...600)
        hub.restartSpreadMilliseconds = Int64(max(1, drain)) * 500
        return hub
    }
}
