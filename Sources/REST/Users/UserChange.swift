import JSON

/// The body of `PATCH /users/{id}`: what is absent stays.
struct UserChange: Sendable {
    var isActive: Bool?
    var role: Role?
    /// Whether the account lets go of its Telegram, so that another one may have it.
    var unlinksTelegram = false
    /// Whether it is part of a change of the owner's staff card.
    private(set) var isOfCard = false

    /// The login of a member who leaves or comes back.
    init(withCard isActive: Bool) {
        self.isActive = isActive
        self.isOfCard = true
    }

    /// - Throws: 422 naming every bad field
    init(_ object: JSONObject) throws(APIError) {
        var body = BodyReader(object)
        let (isActive, role) = (body.bool("is_active"), body.word("role", of: Role.allCases.map(\.rawValue)))
        if isActive.isCleared { body.reject("is_active", "must be true or false", "має бути true або false") }
        if role.isCleared { body.require("role") }
        switch body.raw("telegram_id") {
        case nil: break
        case .null: self.unlinksTelegram = true
        default: body.reject("telegram_id", "can only be null here", "тут може бути лише null")
        }
        try body.finish()
        self.isActive = isActive.value
        self.role = role.value.flatMap(Role.init)
    }
}
