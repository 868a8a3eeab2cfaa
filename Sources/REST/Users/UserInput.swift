import JSON

/// The body of `POST /users`.
struct UserInput: Sendable {
    let email: String
    let password: String
    let firstName: String
    let lastName: String
    let phone: String?
    let role: Role

    /// - Throws: 422 naming every bad field
    init(_ object: JSONObject) throws(APIError) {
        var body = BodyReader(object)
        self.email = body.email("email").value ?? ""
        if self.email.isEmpty { body.require("email") }
        self.password = body.password("password")
        self.firstName = body.requiredText("first_name")
        self.lastName = body.text("last_name").value ?? ""
        self.phone = body.optionalPhone("phone").value
        let role = body.word("role", of: Role.allCases.map(\.rawValue)).value.flatMap(Role.init)
        if role == nil { body.require("role") }
        // Never used: without a role the body is refused below.
        self.role = role ?? .master
        try body.finish()
    }
}
