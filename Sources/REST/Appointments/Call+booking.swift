import HTTPTypes
import JSON
import Outbox
import Postgres

extension LocalizedText {
    static let isRequired = LocalizedText("is required", "обов'язкове поле")
}

extension JSONObject {
    /// The members of these names alone.
    func keeping(_ names: Set<String>) -> JSONObject {
        JSONObject(self.filter { names.contains($0.key) }.map { ($0.key, $0.value) })
    }
}

/// A visit went to another master between the look at it and its lock: everything is tried again from the start.
struct MovedMeanwhile: Error {}

extension Call {
    /// A write that the exclusion constraint may refuse: should two bookings ever pass the look before it, this is 409 too.
    func booking(_ body: @Sendable (UnitOfWork) async throws -> Answer) async throws -> Answer {
        for _ in 0..<10 {
            do {
                return try await self.write(body)
            } catch is MovedMeanwhile {
                continue
            } catch let error as PostgresError where error.sqlState == .exclusionViolation {
                throw APIError(.slotTaken)
            }
        }
        throw APIError(.conflict)
    }

    /// The version that the client has seen: `If-Match: "3"`, else the body's `version`.
    func expectedVersion(body: Int64?) throws(APIError) -> Int64? {
        guard let header = self.headers[.ifMatch], header.trimmed != "*" else { return body }
        var text = header.trimmed
        if text.hasPrefix("W/") { text = String(text.dropFirst(2)) }
        guard text.count > 2, text.hasPrefix("\""), text.hasSuffix("\""), let version = Int64(text.dropFirst().dropLast()) else {
            throw APIError.invalid("If-Match", LocalizedText("must be a quoted version", "має бути версією в лапках"))
        }
        return version
    }
}
