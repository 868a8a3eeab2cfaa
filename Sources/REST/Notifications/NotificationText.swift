/// What people are told of visits, in their own language. No text ever holds a client's phone.
struct NotificationText: Sendable {
    /// What happened to a visit.
    enum Visit: Sendable {
        case created, moved, cancelled, deleted
    }

    var title: String
    var message: String
    var type = "info"

    static func visit(_ what: Visit, _ appointment: VisitSummary, in language: Language) -> NotificationText {
        let title: LocalizedText =
            switch what {
            case .created: LocalizedText("New booking", "Новий запис")
            case .moved: LocalizedText("Booking moved", "Запис перенесено")
            case .cancelled: LocalizedText("Booking cancelled", "Запис скасовано")
            case .deleted: LocalizedText("Booking deleted", "Запис видалено")
            }
        var parts = [appointment.clientName, appointment.serviceName].filter { !$0.isEmpty }.joined(separator: ", ")
        if !parts.isEmpty { parts += ": " }
        let master = appointment.staffName.map { " (\($0))" } ?? ""
        return NotificationText(
            title: title.text(in: language),
            message: "\(parts)\(appointment.day) \(appointment.startTime)–\(appointment.endTime)\(master)",
            type: what == .cancelled || what == .deleted ? "warning" : "info"
        )
    }
}
