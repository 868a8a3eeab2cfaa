/// Every machine-readable `code` that the REST side sends, with its status and its text in both languages.
///
/// `Protocol/errors.yaml` lists the same; a test compares the two.
public enum ErrorCode: String, CaseIterable, Sendable {
    case badRequest = "BAD_REQUEST"
    case invalidJSON = "INVALID_JSON"
    case unsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE"
    case payloadTooLarge = "PAYLOAD_TOO_LARGE"
    case validation = "VALIDATION_ERROR"
    case unsupportedFile = "UNSUPPORTED_FILE"
    case formatNotAvailable = "FORMAT_NOT_AVAILABLE"
    case notFound = "NOT_FOUND"
    case methodNotAllowed = "METHOD_NOT_ALLOWED"
    case upgradeRequired = "UPGRADE_REQUIRED"
    case headersTooLarge = "HEADERS_TOO_LARGE"
    case internalError = "INTERNAL_ERROR"
    case unavailable = "SERVICE_UNAVAILABLE"
    case outcomeUnknown = "OUTCOME_UNKNOWN"
    case shuttingDown = "SHUTTING_DOWN"
    case originNotAllowed = "ORIGIN_NOT_ALLOWED"
    case rateLimited = "RATE_LIMITED"
    case resetTokenInvalid = "RESET_TOKEN_INVALID"
    case invalidCredentials = "INVALID_CREDENTIALS"
    case notAuthenticated = "NOT_AUTHENTICATED"
    case invalidTokenType = "INVALID_TOKEN_TYPE"
    case userInactive = "USER_INACTIVE"
    case userNotFound = "USER_NOT_FOUND"
    case forbidden = "FORBIDDEN"
    case registrationClosed = "REGISTRATION_CLOSED"
    case demoLocalOnly = "DEMO_LOCAL_ONLY"
    case setupNotFound = "SETUP_NOT_FOUND"
    case alreadySetUp = "ALREADY_SET_UP"
    case emailTaken = "EMAIL_TAKEN"
    case phoneTaken = "PHONE_TAKEN"
    case nameTaken = "NAME_TAKEN"
    case skuTaken = "SKU_TAKEN"
    case insufficientStock = "INSUFFICIENT_STOCK"
    case lastAdmin = "LAST_ADMIN"
    case hasAppointments = "HAS_APPOINTMENTS"
    case telegramDisabled = "TELEGRAM_DISABLED"
    case telegramOnlyLogin = "TELEGRAM_ONLY_LOGIN"
    case slotTaken = "SLOT_TAKEN"
    case slotHeld = "SLOT_HELD"
    case outsideWorkingHours = "OUTSIDE_WORKING_HOURS"
    case versionConflict = "VERSION_CONFLICT"
    case conflict = "CONFLICT"
    case idempotencyMismatch = "IDEMPOTENCY_MISMATCH"
    case idempotencyInProgress = "IDEMPOTENCY_IN_PROGRESS"

    /// The HTTP status that goes with it.
    public var status: Int {
        switch self {
        case .badRequest, .invalidJSON, .resetTokenInvalid: 400
        case .notAuthenticated, .invalidCredentials, .invalidTokenType: 401
        case .forbidden, .userInactive, .registrationClosed, .demoLocalOnly, .originNotAllowed: 403
        case .notFound, .userNotFound, .setupNotFound: 404
        case .methodNotAllowed: 405
        case .alreadySetUp, .emailTaken, .phoneTaken, .nameTaken, .skuTaken, .insufficientStock, .lastAdmin, .hasAppointments,
            .telegramOnlyLogin, .slotTaken, .slotHeld,
            .versionConflict,
            .conflict, .idempotencyInProgress:
            409
        case .payloadTooLarge: 413
        case .unsupportedMediaType: 415
        case .validation, .idempotencyMismatch, .outsideWorkingHours, .unsupportedFile, .formatNotAvailable: 422
        case .upgradeRequired: 426
        case .rateLimited: 429
        case .headersTooLarge: 431
        case .internalError: 500
        case .unavailable, .outcomeUnknown, .shuttingDown, .telegramDisabled: 503
        }
    }

    /// What people read.
    func message(in language: Language) -> String {
        switch language {
        case .english: self.texts.english
        case .ukrainian: self.texts.ukrainian
        }
    }

    // The words "not found" and "already set up" are in both languages: the setup page decides by them.
    private var texts: (english: String, ukrainian: String) {
        switch self {
        case .badRequest: ("Bad request", "Неправильний запит")
        case .invalidJSON: ("The body is not valid JSON", "Тіло запиту не є правильним JSON")
        case .unsupportedMediaType: ("The body must be JSON", "Тіло запиту має бути у форматі JSON")
        case .payloadTooLarge: ("The body is too large", "Тіло запиту завелике")
        case .validation: ("Some fields are not valid", "Деякі поля заповнено неправильно")
        case .unsupportedFile: ("The file is of a kind that is not read", "Файл такого типу не читається")
        case .formatNotAvailable: ("This format is not available yet", "Цей формат поки що недоступний")
        case .notFound: ("Not found", "Не знайдено")
        case .methodNotAllowed: ("Method not allowed", "Метод не підтримується")
        case .upgradeRequired: ("A WebSocket of version 13 is spoken here", "Тут говорять через WebSocket версії 13")
        case .headersTooLarge: ("The headers are too large", "Заголовки запиту завеликі")
        case .internalError: ("Internal server error", "Внутрішня помилка сервера")
        case .unavailable:
            ("The service is unavailable for the moment, try again", "Сервіс тимчасово недоступний, спробуйте ще раз")
        case .outcomeUnknown:
            (
                "The connection to the database broke at the last moment: look whether it was saved before you try again",
                "Зв'язок із базою обірвався в останню мить: перевірте, чи збереглося, перш ніж повторити"
            )
        case .shuttingDown: ("The server is restarting", "Сервер перезапускається")
        case .originNotAllowed: ("This origin may not open a socket", "Це джерело не може відкрити з'єднання")
        case .rateLimited: ("Too many attempts, try again later", "Забагато спроб, спробуйте пізніше")
        case .resetTokenInvalid:
            (
                "This link has been used or has expired: ask for a new one",
                "Це посилання вже використано або воно застаріло: попросіть нове"
            )
        case .invalidCredentials: ("Invalid credentials", "Неправильна електронна пошта або пароль")
        case .notAuthenticated: ("Could not validate credentials", "Не вдалося підтвердити вхід")
        case .invalidTokenType: ("Invalid token type", "Неправильний тип токена")
        case .userInactive: ("User is inactive", "Обліковий запис вимкнено")
        case .userNotFound: ("User not found", "Користувача не знайдено")
        case .forbidden: ("Not enough permissions", "Недостатньо прав")
        case .registrationClosed: ("Registration is closed", "Реєстрацію закрито")
        case .demoLocalOnly:
            (
                "Demo accounts work only on the machine that the server runs on",
                "Демонстраційні облікові записи працюють лише на тому комп'ютері, де запущено сервер"
            )
        case .setupNotFound: ("Staff member not found", "Працівника з такою поштою не знайдено (not found)")
        case .alreadySetUp: ("The account is already set up", "Обліковий запис уже створено (already set up)")
        case .emailTaken: ("This e-mail already exists", "Така електронна пошта вже використовується")
        case .phoneTaken: ("This phone already exists", "Такий телефон уже використовується")
        case .nameTaken: ("This name already exists", "Така назва вже використовується")
        case .skuTaken: ("This SKU already exists", "Такий артикул уже використовується")
        case .insufficientStock: ("There is not enough in stock", "На складі стільки немає")
        case .lastAdmin: ("The last administrator must stay", "Останній адміністратор має залишитися")
        case .hasAppointments: ("There are upcoming visits", "Є майбутні візити")
        case .telegramDisabled: ("Login through Telegram is not set up here", "Вхід через Telegram тут не налаштовано")
        case .telegramOnlyLogin:
            (
                "Telegram is this account's only way to log in: set a password first",
                "Telegram — єдиний спосіб входу в цей обліковий запис: спершу створіть пароль"
            )
        case .slotTaken: ("This time is already taken", "Цей час уже зайнято")
        case .slotHeld: ("Somebody is booking this time right now", "На цей час зараз записують на іншій стійці")
        case .outsideWorkingHours: ("This time is outside working hours", "Цей час поза робочими годинами")
        case .versionConflict: ("Somebody has changed it meanwhile", "Хтось уже змінив цей запис")
        case .conflict: ("The request conflicts with the present state", "Запит суперечить поточному стану")
        case .idempotencyMismatch:
            ("This Idempotency-Key was used with another body", "Цей Idempotency-Key уже використано з іншим тілом запиту")
        case .idempotencyInProgress:
            (
                "The first request with this Idempotency-Key is still under way",
                "Перший запит із цим Idempotency-Key ще виконується"
            )
        }
    }
}

/// The languages of messages and notifications.
public enum Language: String, Sendable {
    case ukrainian = "uk"
    case english = "en"

    /// The first of ours that an `Accept-Language` header names, by weight.
    init?(acceptLanguage header: String?) {
        guard let header, header.utf8.count <= 1_024 else { return nil }
        let offers = header.split(separator: ",").compactMap { part -> (Language, Double)? in
            let pieces = part.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let tag = pieces.first, let language = Language(rawValue: String(tag.prefix { $0 != "-" })) else { return nil }
            let weight = pieces.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            return weight > 0 ? (language, weight) : nil
        }
        guard let best = offers.map(\.1).max(), let first = offers.first(where: { $0.1 == best }) else { return nil }
        self = first.0
    }
}
