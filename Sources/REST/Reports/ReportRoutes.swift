import HTTPTypes
import Postgres

extension RouteTable {
    /// The salon's figures over a time.
    mutating func addReports() {
        let reports: [(path: String, read: @Sendable (any Reader, ReportQuestion) async throws -> PostgresJSON)] = [
            ("/reports/revenue", RevenueReport.read),
            ("/reports/staff-performance", StaffPerformance.read),
            ("/reports/services-popularity", ServicePopularity.read),
        ]
        for report in reports {
            self.add(.get, report.path, .permission(.reports, .view)) { call in
                let question = try ReportQuestion(call.query, salonID: try call.user.salonID)
                return .json(try await report.read(call.reader, question))
            }
        }
        self.add(.get, "/reports/export", .permission(.reports, .export), onlyReads: false) { try await ReportSheet.export($0) }
    }
}
