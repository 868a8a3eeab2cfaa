import JSON
public import Outbox
import Postgres

/// Makes an account without REST: the first one, from the command line.
public struct AccountMaker: Sendable {
    /// Why it was not made, for people.
    public struct Refused: Error, CustomStringConvertible {
        /// One line.
        public let description: String
    }

    private let outbox: TransactionalOutbox
    private let hasher: PasswordHasher

    /// - Parameters:
    ///   - outbox: writes it
    ///   - hasher: for the password
    public init(outbox: TransactionalOutbox, hasher: PasswordHasher) {
        self.outbox = outbox
        self.hasher = hasher
    }

    /// - Parameters:
    ///   - email: what to log in with
    ///   - password: 8 characters to 72 bytes
    ///   - role: what the account may do
    ///   - firstName: may be empty
    ///   - lastName: may be empty
    ///   - salon: an existing salon; `nil` makes a new one, for an admin only
    ///   - salonName: the new one's name
    /// - Returns: the user's id
    public func make(
        email: String,
        password: String,
        role: Role,
        firstName: String,
        lastName: String,
        salon: Int64?,
        salonName: String
    ) async throws -> Int64 {
        guard let address = EmailAddress(email) else { throw Refused(description: "\(email) is no e-mail address") }
        guard PasswordPolicy.check(password) == nil else {
            throw Refused(description: "a password has at least 8 characters and at most 72 bytes")
        }
        guard salon != nil || role == .admin else { throw Refused(description: "a new salon needs an admin first") }
        let hash = try await self.hasher.hash(password)
        do {
            return try await self.outbox.transaction { unit in
                if let salon, try await unit.query("SELECT 1 FROM salons WHERE id = \(salon)").isEmpty {
                    throw Refused(description: "there is no salon \(salon)")
                }
                var salonID = salon
                if salonID == nil {
                    salonID = try await UserRepository.insertSalon(unit, name: salonName, email: address.text, phone: "")
                }
                guard let salonID else { throw Refused(description: "there is no salon") }
                let id = try await UserRepository.insert(
                    unit,
                    .init(
                        salonID: salonID,
                        email: address.text,
                        hash: hash,
                        firstName: firstName,
                        lastName: lastName,
                        phone: nil,
                        role: role
                    )
                )
                _ = try await unit.reportCreated(.user, id, details: ["via": "command"], by: nil, salonID: salonID)
                return id
            }
        } catch let error as APIError where error.code == .emailTaken {
            throw Refused(description: "\(address.text) has an account already")
        }
    }
}
