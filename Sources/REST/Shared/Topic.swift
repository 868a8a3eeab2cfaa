/// The names of topics as the database has them.
enum Topic {
    static func salon(_ salonID: Int64, _ name: String) -> String { "salon/\(salonID)/\(name)" }
    static func appointments(_ salonID: Int64) -> String { self.salon(salonID, "appointments") }
    static func access(_ salonID: Int64) -> String { self.salon(salonID, "access") }
    static func notifications(_ userID: Int64) -> String { "user/\(userID)/notifications" }
}
