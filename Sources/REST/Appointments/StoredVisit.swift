/// What a visit's row says of it, as it is and as it is to become.
protocol StoredVisit {
    var clientName: String { get }
    var serviceName: String { get }
    var staffID: Int64? { get }
    var date: String { get }
    var start: LocalTime { get }
    var end: LocalTime { get }
    var status: String { get }
}

extension AppointmentRepository.Current: StoredVisit {}
extension AppointmentRepository.Draft: StoredVisit {}
