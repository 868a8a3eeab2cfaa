import Outbox
import Postgres

/// Something that a body names: by its id (`clientId`), or by a text as somebody typed it (`client`).
struct NamedRow: Sendable {
    /// What it is looked up in.
    enum Kind: Sendable {
        case paymentMethod, cashRegister, client
    }

    /// What is stored of it: the row's id where it is one of the salon's, and its name.
    struct Found: Sendable, Equatable {
        var id: Int64?
        var name: String
        /// The name as it was when it was stored, where the row has another one now.
        var written: String?
    }

    private let field: String
    private let kind: Kind
    private let id: Patch<Int64>
    private let name: Patch<String>

    /// - Parameter other: another field of the text, read where the first is absent
    init(_ body: inout BodyReader, _ field: String, _ kind: Kind, orElse other: String? = nil) {
        (self.field, self.kind) = (field, kind)
        self.id = body.integer("\(field)Id", in: 1...Int64.max)
        let maximum = kind == .client ? BodyReader.longestPersonName : 200
        let (name, second) = (body.text(field, maximum: maximum), other.map { body.text($0, maximum: maximum) } ?? .keep)
        self.name = name.isKept ? second : name
    }

    /// Whether the body says anything of it.
    var isKept: Bool { self.id.isKept && self.name.isKept }

    /// What the body means. An id that is new goes before the text; one that is there, sent back beside a changed text, does not. No
    /// change is an empty text beside an id, nor the name that the row had when it was stored: a page may have been loaded then.
    ///
    /// - Parameter present: what is stored, as readers see it
    /// - Returns: `nil` if that stays
    /// - Throws: 422 for an id of nothing, or of another salon's
    func resolve(_ unit: UnitOfWork, salonID: Int64, over present: Found?) async throws -> Found? {
        if let id = self.id.value, id != present?.id {
            guard let found = try await self.find(unit, salonID: salonID, "id = \(id)") else {
                throw APIError.invalid("\(self.field)Id", LocalizedText("there is no such row", "немає такого запису"))
            }
            return found
        }
        if self.id.isKept || self.id.value != nil {
            // Readers are shown an empty text for none.
            let text = self.name.value ?? ""
            let says = text != present?.name ?? "" && text != present?.written && !(text.isEmpty && self.id.value != nil)
            guard !self.name.isKept, says else { return nil }
        } else if self.id.isCleared, self.name.isKept {
            return Found(id: nil, name: "")
        }
        guard let name = self.name.value?.nonEmpty else { return Found(id: nil, name: "") }
        return try await self.find(unit, salonID: salonID, named: name) ?? Found(id: nil, name: name)
    }

    /// The one row of this name. Two clients of one name are none: nobody can say which.
    private func find(_ unit: UnitOfWork, salonID: Int64, named name: String) async throws -> Found? {
        switch self.kind {
        case .paymentMethod:
            if let found = try await self.find(unit, salonID: salonID, "search_key(name) = search_key(\(name)::text)") {
                return found
            }
            // A word for a kind of them, as for a visit: the first of the kind.
            return try await self.find(
                unit,
                salonID: salonID,
                """
                id = (SELECT min(m.id) FROM payment_methods m
                      WHERE m.salon_id = \(salonID) AND m.deleted_at IS NULL AND m.is_active AND m.type = search_key(\(name)::text))
                """
            )
        case .cashRegister:
            return try await self.find(unit, salonID: salonID, "search_key(name) = search_key(\(name)::text)")
        case .client:
            return try await self.find(
                unit,
                salonID: salonID,
                """
                search LIKE search_key(\(SearchPattern.containing(name))::text)
                AND search_key(\(name)::text) IN (search_key(trim(first_name || ' ' || last_name)),
                                                  search_key(trim(last_name || ' ' || first_name)))
                """
            )
        }
    }

    private func find(_ unit: UnitOfWork, salonID: Int64, _ condition: SQL) async throws -> Found? {
        let from: SQL =
            switch self.kind {
            case .paymentMethod: "SELECT id, name FROM payment_methods"
            case .cashRegister: "SELECT id, name FROM cash_registers"
            case .client: "SELECT id, trim(first_name || ' ' || last_name) AS name FROM clients"
            }
        let rows = try await unit.query(
            "\(from) WHERE salon_id = \(salonID) AND deleted_at IS NULL AND \(condition) LIMIT 2"
        )
        guard rows.count == 1, let row = rows.first else { return nil }
        return Found(id: try row.get("id"), name: try row.get("name"))
    }
}
