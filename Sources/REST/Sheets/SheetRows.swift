import Postgres
import Spreadsheet

/// A sheet of a workbook that goes out: its columns, and where its rows are read from.
struct SheetRows: Sendable {
    /// At the sheet's tab.
    let title: String
    let fields: [SheetField]
    let source: SQL
    /// The JSON of a row, with members of the fields' names.
    let projection: SQL
    let condition: SQL
    let order: SQL

    /// A text for each column.
    ///
    /// - Parameter zone: the salon's, in which moments are shown
    func statement(zone: String) -> SQL {
        let values: SQL = self.fields.map { field in
            let member: SQL = "made.row ->> \(field.name)::text"
            guard case .moment = field.form else { return member }
            return "to_char((\(member))::timestamptz AT TIME ZONE \(zone), 'YYYY-MM-DD HH24:MI:SS')"
        }.joined(separator: ", ")
        // Made once for each row, and not once for each column.
        return """
            SELECT \(values) FROM \(self.source) CROSS JOIN LATERAL (SELECT \(self.projection) AS row OFFSET 0) AS made
            WHERE \(self.condition) ORDER BY \(self.order)
            """
    }

    /// A row of the statement's.
    func texts(_ row: PostgresRow) throws -> [String?] {
        try self.fields.enumerated().map { index, field in field.written(try row.get(index, as: String?.self)) }
    }
}

extension Resource {
    /// The rows that a list with these parameters would have, as this user sees them.
    func sheet(_ title: String, _ fields: [SheetField], for user: CurrentUser, _ query: QueryParameters) throws -> SheetRows {
        SheetRows(
            title: title,
            fields: fields,
            source: self.entity.source,
            projection: self.projection(for: user),
            condition: "\(self.entity.present(in: user.salonID)) AND (\(try self.filter(user, query)))",
            order: "\(self.order), \(self.entity.alias).id"
        )
    }
}
