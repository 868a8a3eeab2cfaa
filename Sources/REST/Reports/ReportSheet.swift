import Postgres

/// Reports in workbooks: the same figures as the API's, a sheet for each list of theirs.
enum ReportSheet {
    /// What `type` asks for.
    private enum Kind: String, CaseIterable {
        case revenue, staff, services
    }

    private static let totals: [SheetField] = [
        SheetField("revenue", "Виручка", .money), SheetField("appointments", "Візити", .number, width: 10),
        SheetField("averageCheck", "Середній чек", .money),
    ]
    private static let services: [SheetField] = [
        SheetField("serviceName", "Послуга", width: 32), SheetField("category", "Категорія", width: 18),
        SheetField("totalBookings", "Записи", .number, width: 10),
        SheetField("previousBookings", "Записи до того", .number), SheetField("growth", "Зростання, %", .number),
        SheetField("totalRevenue", "Виручка", .money),
    ]
    private static let staff: [SheetField] = [
        SheetField("staffName", "Майстер", width: 28), SheetField("totalAppointments", "Візити", .number, width: 10),
        SheetField("completedAppointments", "Завершено", .number, width: 12),
        SheetField("cancelledAppointments", "Скасовано", .number, width: 12), SheetField("totalRevenue", "Виручка", .money),
        SheetField("occupancyRate", "Зайнятість, %", .number), SheetField("bookedMinutes", "Записано, хв", .number),
        SheetField("availableMinutes", "Робочий час, хв", .number), SheetField("rating", "Оцінка", .number, width: 10),
        SheetField("reviews", "Відгуки", .number, width: 10),
    ]

    /// The report of `type`, or all three.
    static func export(_ call: Call) async throws -> Answer {
        let query = call.query
        try query.checkFormat()
        let kind = try query.word("type", of: Kind.allCases.map(\.rawValue)).flatMap(Kind.init)
        let question = try ReportQuestion(query, salonID: try call.user.salonID)
        return try await call.workbook(kind.map { "report-\($0.rawValue)" } ?? "reports") { reader in
            func read(_ statement: SQL) async throws -> PostgresJSON { try await reader.query(statement).only().get("body") }
            var sheets: [SheetRows] = []
            for each in kind.map({ [$0] }) ?? Kind.allCases {
                switch each {
                case .revenue:
                    sheets += self.revenue(try await read(RevenueReport.statement(question)))
                case .staff:
                    sheets.append(self.sheet("Майстри", self.staff, "\(try await read(StaffPerformance.statement(question)))"))
                case .services:
                    sheets.append(
                        self.sheet("Послуги", self.services, "\(try await read(ServicePopularity.statement(question)))")
                    )
                }
            }
            return sheets
        }
    }

    private static func revenue(_ report: PostgresJSON) -> [SheetRows] {
        let amount = SheetField("amount", "Виручка", .money)
        return [
            self.sheet("Підсумок", self.totals, "jsonb_build_array(\(report) -> 'totals')"),
            self.sheet("Виручка", [SheetField("date", "Дата", .date, width: 12)] + self.totals, "\(report) -> 'data'"),
            self.sheet(
                "За послугами",
                [SheetField("service", "Послуга", width: 32), amount],
                "\(report) -> 'revenueByService'"
            ),
            self.sheet(
                "За майстрами",
                [SheetField("staff", "Майстер", width: 28), amount],
                "\(report) -> 'revenueByStaff'"
            ),
        ]
    }

    private static func sheet(_ title: String, _ fields: [SheetField], _ list: SQL) -> SheetRows {
        SheetRows(
            title: title,
            fields: fields,
            source: "jsonb_array_elements(\(list)) WITH ORDINALITY AS listed (row, place)",
            projection: "listed.row",
            condition: "true",
            order: "listed.place"
        )
    }
}
