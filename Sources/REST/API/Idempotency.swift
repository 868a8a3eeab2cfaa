import HTTPTypes
import JSON
import NIOCore
import Outbox
import Postgres

/// A POST that carries an `Idempotency-Key` has its effect once: the same key and body gets the first answer again.
///
/// The kept answer commits with the write that it answers, in the same transaction; a *try* advisory lock of that transaction
/// tells that the first is under way, and dies with the node.
struct Idempotency: Sendable {
    private let call: Call
    private let userID: Int64
    private let key: String

    /// - Returns: `nil` for a call without a key, or on a route that does not honour it
    init?(_ call: Call) throws(APIError) {
        guard call.honoursIdempotencyKey, let caller = call.caller, let key = call.headers[.idempotencyKey] else { return nil }
        guard (1...255).contains(key.utf8.count) else {
            throw APIError.invalid(
                "Idempotency-Key",
                LocalizedText("must have 1 to 255 characters", "має містити від 1 до 255 символів")
            )
        }
        self.call = call
        self.userID = caller.id
        self.key = key
    }

    /// Reserves the key for this transaction, or finds the first answer (not older than a day).
    func begin(in unit: UnitOfWork) async throws -> Answer? {
        let lockName = "\(self.userID) \(self.call.method.rawValue) \(self.call.route) \(self.key)"
        let isOurs = unit.ask("SELECT pg_try_advisory_xact_lock(hashtextextended(\(lockName), 0)) AS is_ours") { rows in
            try rows.only().get("is_ours", as: Bool.self)
        }
        // In the same round trip, and of a moment at which the lock was ours if it is.
        let kept = unit.ask(
            """
            SELECT body_hash, status, headers, body FROM idempotency_keys
            WHERE user_id = \(self.userID) AND method = \(self.call.method.rawValue) AND path = \(self.call.route)
              AND key = \(self.key) AND created_at > now() - interval '24 hours'
            """
        ) { $0.first }
        guard try await isOurs.get() else { throw APIError(.idempotencyInProgress, retryAfter: 1) }
        guard let row = try await kept.get() else { return nil }
        let isSame = self.call.backend.bodyCode.isCode(try row.get("body_hash"), of: self.call.bytes.readableBytesView)
        guard isSame else { throw APIError(.idempotencyMismatch) }
        var answer = Answer(status: .init(code: Int(try row.get("status", as: Int64.self))))
        answer.body = ByteBuffer(bytes: try row.get("body", as: [UInt8].self))
        let headers = try JSONValue(parsing: try row.get("headers", as: String.self)).object ?? JSONObject()
        for (name, value) in headers {
            guard let name = HTTPField.Name(name), let value = value.string else { continue }
            answer.headers[name] = value
        }
        return answer
    }

    /// Keeps a 2xx answer, in the transaction that it answers.
    func keep(_ answer: Answer, in unit: UnitOfWork) {
        guard answer.status.kind == .successful else { return }
        var headers = JSONObject()
        for field in answer.headers { headers[field.name.canonicalName] = .string(field.value) }
        let body = answer.body.map { Array($0.readableBytesView) } ?? []
        let code = self.call.backend.bodyCode.code(of: self.call.bytes.readableBytesView)
        unit.enqueue(
            """
            INSERT INTO idempotency_keys (user_id, method, path, key, body_hash, status, headers, body)
            VALUES (\(self.userID), \(self.call.method.rawValue), \(self.call.route), \(self.key), \(code),
                    \(Int64(answer.status.code)), \(PostgresJSON(text: JSONValue.object(headers).text)), \(body))
            ON CONFLICT (user_id, method, path, key) DO UPDATE SET
                body_hash = excluded.body_hash, status = excluded.status, headers = excluded.headers, body = excluded.body,
                created_at = now()
            """
        )
    }
}

extension Call {
    /// Runs a write in one transaction with its events, once per `Idempotency-Key`.
    ///
    /// On a serialization failure or a deadlock `body` runs again, so it must change nothing but the database.
    func write(_ body: @Sendable (UnitOfWork) async throws -> Answer) async throws -> Answer {
        let idempotency = try Idempotency(self)
        return try await self.backend.outbox.transaction(if: (self.reader as? GuardedReader)?.condition) { unit in
            guard let idempotency else { return try await body(unit) }
            if let first = try await idempotency.begin(in: unit) { return first }
            let answer = try await body(unit)
            idempotency.keep(answer, in: unit)
            return answer
        }
    }
}
