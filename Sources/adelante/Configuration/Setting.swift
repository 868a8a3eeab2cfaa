/// One setting of the environment: what the code reads, `.env.example` and the README's table are this list.
struct Setting: Sendable {
    let name: String
    /// `nil`: none.
    let defaultValue: String?
    let meaning: String
    /// Secrets are never printed.
    var isSecret = false
    /// Read by features that are not part of this version yet.
    var isReserved = false

    static let all: [Setting] = [
        Setting(name: "HOST", defaultValue: "127.0.0.1", meaning: "address to listen on"),
        Setting(name: "PORT", defaultValue: "8000", meaning: "port to listen on"),
        Setting(name: "EVENT_LOOPS", defaultValue: "0", meaning: "threads that serve connections; 0: as many as processors"),
        Setting(name: "TLS_CERT", defaultValue: nil, meaning: "PEM file: https and wss in process"),
        Setting(name: "TLS_KEY", defaultValue: nil, meaning: "PEM file of the certificate's key"),
        Setting(
            name: "PUBLIC_URL",
            defaultValue: "http://localhost:8000",
            meaning: "for links in mails and the webhook",
            isReserved: true
        ),
        Setting(name: "TRUSTED_PROXIES", defaultValue: nil, meaning: "CIDRs of proxies whose X-Forwarded-For counts, by commas"),
        Setting(
            name: "ALLOWED_ORIGINS",
            defaultValue: "http://localhost:3000",
            meaning: "CORS and the socket's Origin check, by commas"
        ),
        Setting(name: "DATABASE_URL", defaultValue: nil, meaning: "libpq URL (required)", isSecret: true),
        Setting(name: "DB_POOL_SIZE", defaultValue: "8", meaning: "PostgreSQL connections of a node"),
        Setting(name: "REDIS_URL", defaultValue: nil, meaning: "redis:// or rediss:// (required)", isSecret: true),
        Setting(name: "SECRET_KEY", defaultValue: nil, meaning: "signs tokens, at least 32 bytes (required)", isSecret: true),
        Setting(name: "SECRET_KEY_PREVIOUS", defaultValue: nil, meaning: "still accepted while keys rotate", isSecret: true),
        Setting(name: "ALGORITHM", defaultValue: "HS256", meaning: "only HS256"),
        Setting(name: "ACCESS_TOKEN_EXPIRE_MINUTES", defaultValue: "30", meaning: "life of an access token"),
        Setting(name: "REFRESH_TOKEN_EXPIRE_DAYS", defaultValue: "30", meaning: "life of a login session"),
        Setting(name: "BCRYPT_COST", defaultValue: "12", meaning: "lower only in tests"),
        Setting(name: "REGISTRATION", defaultValue: "closed", meaning: "open: /auth/register makes salons"),
        Setting(name: "SETUP_OPEN", defaultValue: "off", meaning: "on: /auth/setup makes the first salon and admin"),
        Setting(name: "TELEGRAM_BOT_TOKEN", defaultValue: nil, meaning: "Telegram login", isSecret: true),
        Setting(name: "TELEGRAM_BOT_USERNAME", defaultValue: nil, meaning: "the bot's name"),
        Setting(name: "TELEGRAM_REGISTRATION", defaultValue: nil, meaning: "open, approval or closed"),
        Setting(name: "TELEGRAM_MODE", defaultValue: "polling", meaning: "polling or webhook"),
        Setting(name: "TELEGRAM_WEBHOOK_URL", defaultValue: nil, meaning: "public address of the webhook"),
        Setting(name: "TELEGRAM_API_BASE", defaultValue: "https://api.telegram.org", meaning: "Bot API server"),
        Setting(
            name: "TELEGRAM_LINK_BASE",
            defaultValue: "https://t.me",
            meaning: "what links to the bot begin with"
        ),
        Setting(name: "TELEGRAM_CODE_TTL", defaultValue: "300", meaning: "life of a login code in seconds"),
        Setting(name: "TELEGRAM_NUMBER_MATCH", defaultValue: "off", meaning: "ask for a matching number"),
        Setting(name: "WS_MAX_MESSAGE_BYTES", defaultValue: "65536", meaning: "largest inbound message"),
        Setting(name: "WS_MAX_FRAGMENTS", defaultValue: "1024", meaning: "most fragments of an inbound message"),
        Setting(name: "WS_MESSAGE_SECONDS", defaultValue: "10", meaning: "time of an inbound message, first byte to last"),
        Setting(name: "WS_MAX_TOPICS", defaultValue: "100", meaning: "topics on one socket"),
        Setting(name: "WS_COMMANDS_PER_SECOND", defaultValue: "20", meaning: "commands on one socket, burst twice as many"),
        Setting(name: "WS_MAX_SOCKETS_PER_USER", defaultValue: "20", meaning: "open sockets of a user, per node"),
        Setting(name: "WS_MAX_SOCKETS_PER_ADDRESS", defaultValue: "500", meaning: "open sockets from an address, per node"),
        Setting(
            name: "WS_HANDSHAKES_PER_SECOND",
            defaultValue: "50",
            meaning: "handshakes from an address, burst ten times as many"
        ),
        Setting(name: "WS_PING_SECONDS", defaultValue: "25", meaning: "silence after which a socket is pinged"),
        Setting(
            name: "WS_PONG_SECONDS",
            defaultValue: "10",
            meaning: "time for the pong, twice as long for a socket that is being sent events"
        ),
        Setting(name: "WS_PRESENCE_SECONDS", defaultValue: "15", meaning: "time after which a killed node's desks are gone"),
        Setting(name: "WS_HOLD_SECONDS", defaultValue: "60", meaning: "time after which a held slot is free again"),
        Setting(name: "WS_HANDSHAKE_SECONDS", defaultValue: "10", meaning: "time for a handshake, and to say who you are"),
        Setting(name: "HTTP_MAX_HEADER_BYTES", defaultValue: "32768", meaning: "largest head of a request"),
        Setting(name: "DRAIN_SECONDS", defaultValue: "10", meaning: "within this time a stopping node closes its sockets"),
        Setting(name: "RATE_LIMITS", defaultValue: "on", meaning: "off lifts rates (not sizes), for load tests only"),
        Setting(name: "EVENT_RETENTION_DAYS", defaultValue: "7", meaning: "how long events are kept"),
        Setting(name: "DATA_DIR", defaultValue: ".local/data", meaning: "avatars, photos", isReserved: true),
        Setting(name: "SMTP_URL", defaultValue: nil, meaning: "outgoing mail", isSecret: true, isReserved: true),
        Setting(name: "MAIL_FROM", defaultValue: nil, meaning: "sender of mails", isReserved: true),
        Setting(name: "SMS_PROVIDER", defaultValue: nil, meaning: "turbosms or twilio", isReserved: true),
        Setting(name: "SMS_API_KEY", defaultValue: nil, meaning: "its key", isSecret: true, isReserved: true),
        Setting(name: "SMS_SENDER", defaultValue: nil, meaning: "its sender", isReserved: true),
        Setting(
            name: "METRICS_PORT",
            defaultValue: "off",
            meaning: "Prometheus text, on a listener of its own",
            isReserved: true
        ),
        Setting(name: "LOG_LEVEL", defaultValue: "info", meaning: "trace, debug, info, notice, warning, error, critical"),
        Setting(name: "LOG_FORMAT", defaultValue: "text", meaning: "text or json"),
        Setting(name: "DEMO", defaultValue: "off", meaning: "on serves /examples/"),
        Setting(name: "CONFORMANCE_ECHO", defaultValue: "off", meaning: "/echo for conformance runs"),
    ]
}
