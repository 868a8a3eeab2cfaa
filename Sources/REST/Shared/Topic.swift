import Postgres

/// The names of topics as the database has them.
enum Topic {
    static func salon(_ salonID: Int64, _ name: String) -> String { "salon/\(salonID)/\(name)" }
    static func appointments(_ salonID: Int64) -> String { self.salon(salonID, "appointments") }
    /// The salon whose `appointments` a topic is; nil for any other topic.
    static func salon(ofAppointments topic: String) -> Int64? {
        let parts = topic.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "salon", parts[2] == "appointments" else { return nil }
        return Int64(parts[1])
    }
    static func access(_ salonID: Int64) -> String { self.salon(salonID, "access") }
    static func notifications(_ userID: Int64) -> String { "user/\(userID)/notifications" }
    /// As ``notifications(_:)-(Int64)``, of a column of users' ids.
    static func notifications(_ column: SQL) -> SQL { "'user/' || \(column) || '/notifications'" }
}
