import Testing

@testable import Postgres

@Suite struct SQLTests {
    @Test func interpolatedValuesBecomeParameters() {
        let name = "O'Brien"
        let id = 7
        let sql: SQL = "SELECT * FROM clients WHERE name = \(name) AND id = \(id)"
        #expect(sql.text == "SELECT * FROM clients WHERE name = $1 AND id = $2")
        #expect(sql.parameters == [.text("O'Brien"), PostgresParameter(type: .int8, value: .int64(7))])
    }

    @Test func aLiteralInsideALiteralIsBoundAndNotPasted() {
        let sql: SQL = "SELECT \("x; DROP TABLE clients")"
        #expect(sql.text == "SELECT $1")
        #expect(sql.parameters == [.text("x; DROP TABLE clients")])
    }

    @Test func aMissingOptionalIsATypedNull() {
        let phone: String? = nil
        let age: Int? = nil
        let known: Int? = 3
        let sql: SQL = "VALUES (\(phone), \(age), \(known))"
        #expect(sql.parameters == [.null(.inferred), .null(.int8), PostgresParameter(type: .int8, value: .int64(3))])
    }

    @Test func splicedStatementsAreNumberedAnew() {
        let condition: SQL = "a = \(1) AND b = \(2)"
        let sql: SQL = "SELECT \(0) WHERE \(condition) OR c = \(3) AND (\(condition))"
        #expect(sql.text == "SELECT $1 WHERE a = $2 AND b = $3 OR c = $4 AND (a = $5 AND b = $6)")
        #expect(sql.parameters.map(\.value) == [0, 1, 2, 3, 1, 2].map { .int64($0) })
    }

    @Test func statementsAreAppendedAndJoined() {
        let conditions: [SQL] = ["a = \(1)", "b = \(2)", "true"]
        var sql: SQL = "SELECT 1 WHERE " + conditions.joined(separator: " AND ")
        sql += " LIMIT \(10)"
        #expect(sql.text == "SELECT 1 WHERE a = $1 AND b = $2 AND true LIMIT $3")
        #expect(sql.parameters.count == 3)
        #expect([SQL]().joined(separator: ", ").isEmpty)
        #expect(([1, 2] as [Int]).map { "\($0)" as SQL }.joined(separator: " + \(0) + ").text == "$1 + $2 + $3")
    }

    @Test func textOfTheProgramIsPasted() {
        let sql: SQL = "SELECT 1 ORDER BY \(unescaped: "name DESC")"
        #expect(sql.text == "SELECT 1 ORDER BY name DESC")
        #expect(sql.parameters.isEmpty)
        #expect(SQL(unescaped: "CREATE TABLE t ()").text == "CREATE TABLE t ()")
    }

    @Test func enumsBindTheirRawValue() {
        enum Role: String, PostgresEncodable { case admin, master }
        let sql: SQL = "SELECT \(Role.master), \(Role?.none)"
        #expect(sql.parameters == [.text("master"), .null(.inferred)])
    }

    @Test(
        arguments: [
            ([], "{}"), (["a"], #"{"a"}"#), (["a", nil], #"{"a",NULL}"#), (["NULL", ""], #"{"NULL",""}"#),
            ([#"quote " and \ "#, "{,}"], #"{"quote \" and \\ ","{,}"}"#),
        ] as [([String?], String)]
    )
    func arraysAreWrittenSoThatNothingInThemHasAMeaning(_ elements: [String?], _ literal: String) {
        #expect(ArrayLiteral.text(elements) == literal)
    }

    @Test func aClassOfStatesMatchesItsMembers() {
        #expect(SQLState.integrityConstraintViolation ~= SQLState.exclusionViolation)
        #expect(SQLState.exclusionViolation ~= SQLState.exclusionViolation)
        #expect(!(SQLState.exclusionViolation ~= SQLState.uniqueViolation))
        #expect(!(SQLState.integrityConstraintViolation ~= SQLState.serializationFailure))
        switch Optional(SQLState.uniqueViolation) {
        case .foreignKeyViolation?: Issue.record("23505 is not 23503")
        case .integrityConstraintViolation?: break
        default: Issue.record("23505 is of class 23")
        }
    }
}
