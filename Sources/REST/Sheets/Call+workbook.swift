import HTTPTypes
import Postgres
import Spreadsheet

extension Call {
    private struct Made: Sendable {
        let writer: WorkbookWriter
        let day: String
    }

    /// Answers with a workbook: its rows are of one moment, and go from PostgreSQL to the disk and from there to the client in
    /// portions, so that the size of a salon does not matter.
    ///
    /// - Parameters:
    ///   - name: of the file, before the day
    ///   - sheets: what is in it
    /// - Throws: 429 and 503 while there are too many
    func workbook(_ name: String, _ sheets: [SheetRows]) async throws -> Answer {
        try await self.workbook(name) { _ in sheets }
    }

    /// Answers with a workbook whose sheets are made of what is read first, in the moment that its rows are of.
    ///
    /// - Parameters:
    ///   - name: of the file, before the day
    ///   - sheets: what is in it, by a reader of that moment
    /// - Throws: 429 and 503 while there are too many
    func workbook(_ name: String, of sheets: @Sendable (any Reader) async throws -> [SheetRows]) async throws -> Answer {
        let user = try self.user
        let client = self.backend.client
        guard self.method != .head else { return Answer(headers: [.contentType: Self.workbookType]) }
        let place = try self.backend.sheets.downloads.begin(by: user.id)
        return try await self.backend.sheets.work {
            let made = try await client.transaction(isolation: .repeatableRead, readOnly: true) { connection in
                // On the connection's own thread, which may wait for the disk.
                try await Self.write(try await sheets(connection), of: user.salonID, from: connection)
            }
            let file = try await SheetDesk.blocking { try made.writer.finish() }
            let fileName = "\(name)-\(made.day).xlsx"
            var answer = Answer(headers: [.contentType: Self.workbookType])
            answer.headers[.contentDisposition] = "attachment; filename=\"\(fileName)\"; filename*=UTF-8''\(fileName)"
            answer.download = Download(file: file, place: place)
            return answer
        }
    }

    private static let workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    private static func write(_ sheets: [SheetRows], of salonID: Int64, from connection: PostgresConnection) async throws -> Made
    {
        let salon = try await connection.query(
            "SELECT timezone, (now() AT TIME ZONE timezone)::date::text AS day FROM salons WHERE id = \(salonID)"
        ).only()
        let writer = try WorkbookWriter()
        for sheet in sheets {
            let number = try writer.addSheet(sheet.title, sheet.fields.map(\.column))
            try await connection.portions(of: sheet.statement(zone: try salon.get("timezone"))) { rows in
                try writer.append(try rows.map(sheet.texts), to: number)
            }
        }
        return Made(writer: writer, day: try salon.get("day"))
    }
}
