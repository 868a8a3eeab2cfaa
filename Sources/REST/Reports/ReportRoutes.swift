import HTTPTypes
import Postgres

extension RouteTable {
    /// The salon's figures over a time.
    mutating func addReports() {
        let reports: [(path: String, statement: @Sendable (ReportQuestion) -> SQL)] = [
            ("/reports/revenue", RevenueReport.statement),
            ("/reports/staff-performance", StaffPerformance.statement),
            ("/reports/services-popularity", ServicePopularity.statement),
        ]
        for report in reports {
            self.add(.get, report.path, .permission(.reports, .view)) { call in
                try await call.kept(report.statement(ReportQuestion(call.query, salonID: call.user.salonID)))
            }
        }
        self.add(.get, "/reports/export", .permission(.reports, .export), onlyReads: false) { try await ReportSheet.export($0) }
    }
}
