import HTTPTypes
import Postgres

extension RouteTable {
    /// The salon's own settings, as far as a calendar needs them.
    mutating func addSettings() {
        self.add(.get, "/settings/salon", .permission(.settings, .view)) { call in
            .json(
                try await call.backend.client.query(
                    "SELECT \(SalonSettings.projection) AS body FROM salons s WHERE s.id = \(try call.user.salonID)"
                ).only().get("body", as: PostgresJSON.self)
            )
        }
    }
}

enum SalonSettings {
    static let projection = SQL.object(
        """
        'id', s.id, 'name', s.name, 'address', s.address, 'phone', s.phone, 'email', s.email, 'website', s.website,
        'currency', s.currency, 'timezone', s.timezone, 'language', s.language, 'workingHours', s.working_hours,
        'socialUrls', s.social_urls, 'strictHours', s.strict_hours
        """
    )
}
