import Outbox
import Postgres

/// Makes the lines of a visit from what a form sends: a list of services, one service's id, or a free text of names.
enum VisitLines {
    /// What a body says of a visit's services.
    struct Resolved: Sendable {
        var lines: [VisitLine]
        /// What stands for them all.
        var text: String
        /// What the visit costs: what was said, else what the lines come to if each has a price.
        var price: PostgresNumeric?
    }

    /// - Parameters:
    ///   - id: the visit that is changed, if there is one: it may keep deleted services that it has
    ///   - price: what the visit costs, if that is said: the lines come to it then
    /// - Returns: `nil` if the body says nothing of services
    /// - Throws: 422 for the id of a service that there is not, or not any more, and for lines that come to more than a price can be
    static func resolve(
        _ unit: UnitOfWork,
        salonID: Int64,
        appointmentID id: Int64? = nil,
        _ input: AppointmentInput,
        price: PostgresNumeric?
    ) -> Awaited<Resolved?> {
        let lines: [VisitLine]
        let text = input.service.value
        if case .set(let given) = input.lines {
            lines = given
        } else if let serviceID = input.serviceID.value {
            // One service, named by its id; a text beside it is how the form shows it.
            lines = [VisitLine(serviceID: serviceID, name: text ?? "")]
        } else if let text {
            let names = self.names(in: text)
            lines = (names.count <= AppointmentInput.maximumLines ? names : [text]).map { VisitLine(name: $0) }
        } else if input.lines.isCleared || input.serviceID.isCleared || input.service.isCleared {
            return Awaited(known: Resolved(lines: [], text: "", price: price))
        } else {
            return Awaited(known: nil)
        }
        let namesLines = text == nil || input.lines.value != nil
        return self.fillFromPriceList(unit, salonID: salonID, appointmentID: id, lines).map { listed in
            var lines = listed.lines
            if let price { self.split(price, over: &lines, by: listed.prices) }
            return Resolved(
                lines: lines,
                text: namesLines ? try self.text(of: lines) : text ?? "",
                price: try price ?? self.sum(lines)
            )
        }
    }

    /// The names of lines, as a form shows and sends them.
    private static func text(of lines: [VisitLine]) throws(APIError) -> String {
        let text = lines.map(\.name).joined(separator: ", ")
        guard text.unicodeScalars.count <= AppointmentInput.longestText else {
            throw APIError.invalid(
                "services",
                LocalizedText(
                    "have names of more than \(AppointmentInput.longestText) characters together",
                    "мають назви, довші разом за \(AppointmentInput.longestText) символів"
                )
            )
        }
        return text
    }

    /// What lines come to, if each of them has a price.
    private static func sum(_ lines: [VisitLine]) throws(APIError) -> PostgresNumeric? {
        guard !lines.isEmpty else { return nil }
        var cents: Int64 = 0
        for line in lines {
            guard let price = line.price?.minorUnits(scale: 2) else { return nil }
            cents += price
        }
        guard cents <= 999_999_999_999 else {
            throw APIError.invalid(
                "services",
                LocalizedText("add up to more than a price can be", "у сумі більше за найбільшу ціну")
            )
        }
        return PostgresNumeric(minorUnits: cents, scale: 2)
    }

    /// The lines of a visit whose price has changed: the new one is split as the first one was.
    static func resplit(
        _ unit: UnitOfWork,
        salonID: Int64,
        appointmentID: Int64,
        price: PostgresNumeric?
    ) async throws -> [VisitLine] {
        var lines = try await AppointmentRepository.lines(unit, salonID: salonID, id: appointmentID)
        for index in lines.indices { lines[index].price = nil }
        var listed = try await self.fillFromPriceList(unit, salonID: salonID, appointmentID: appointmentID, lines).get()
        if let price { self.split(price, over: &listed.lines, by: listed.prices) }
        return listed.lines
    }

    /// `Стрижка, Укладка` is two services; a comma without a space behind it belongs to a name.
    static func names(in text: String) -> [String] {
        var names: [String] = []
        var rest = Substring(text)
        while let range = rest.firstRange(of: ", ") {
            names.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        names.append(String(rest))
        return names.map(\.trimmed).filter { !$0.isEmpty }
    }

    /// Lines with what the price list says of them.
    private struct Listed: Sendable {
        var lines: [VisitLine]
        /// The list price of each line, where there is one.
        var prices: [PostgresNumeric?]
    }

    /// Links lines to the price list: by id, or where the text equals a service's name. The services stay locked, so that none
    /// is deleted before the visit that needs it is there.
    private static func fillFromPriceList(
        _ unit: UnitOfWork,
        salonID: Int64,
        appointmentID: Int64?,
        _ lines: [VisitLine]
    ) -> Awaited<Listed> {
        guard !lines.isEmpty else { return Awaited(known: Listed(lines: [], prices: [])) }
        let (ids, names) = (lines.map(\.serviceID), lines.map(\.name))
        return unit.ask(
            """
            SELECT w.position, s.id, s.name, s.price, s.duration::int8 AS duration
            FROM unnest(\(ids)::int8[], \(names)::text[]) WITH ORDINALITY AS w (id, name, position)
            JOIN LATERAL (
                SELECT * FROM services s WHERE s.salon_id = \(salonID)
                  AND CASE WHEN w.id IS NULL THEN s.deleted_at IS NULL AND search_key(s.name) = search_key(w.name)
                           ELSE s.id = w.id AND (s.deleted_at IS NULL OR EXISTS (
                               SELECT 1 FROM appointment_lines l
                               WHERE l.appointment_id = \(appointmentID)::int8 AND l.service_id = s.id)) END
                ORDER BY s.is_active DESC, s.id LIMIT 1 FOR SHARE
            ) AS s ON true
            """
        ) { try self.listed(lines, $0) }
    }

    private static func listed(_ lines: [VisitLine], _ rows: PostgresRows) throws -> Listed {
        var lines = lines
        var prices = [PostgresNumeric?](repeating: nil, count: lines.count)
        var found: Set<Int> = []
        for row in rows {
            let index = Int(try row.get("position", as: Int64.self)) - 1
            found.insert(index)
            lines[index].serviceID = try row.get("id")
            if lines[index].name.isEmpty { lines[index].name = try row.get("name") }
            if lines[index].duration == nil { lines[index].duration = try row.get("duration") }
            prices[index] = try row.get("price")
        }
        for (index, line) in lines.enumerated() where line.serviceID != nil && !found.contains(index) {
            throw APIError.invalid("serviceId", LocalizedText("there is no such service", "немає такої послуги"))
        }
        return Listed(lines: lines, prices: prices)
    }

    /// Splits the price of a visit over its lines, by the prices that were sent for them, else by those of the list; cents that do
    /// not divide go to the last. Lines with neither have none. So lines with prices always come to the visit's.
    static func split(_ price: PostgresNumeric, over lines: inout [VisitLine], by listPrices: [PostgresNumeric?]) {
        guard !lines.isEmpty, let total = price.minorUnits(scale: 2) else { return }
        let weights = zip(lines, listPrices).map { line, listPrice in (line.price ?? listPrice)?.minorUnits(scale: 2) ?? 0 }
        let sum = weights.reduce(0, +)
        let sent = lines.compactMap { $0.price?.minorUnits(scale: 2) }
        if !sent.isEmpty, sent.reduce(0, +) == total { return }
        if lines.count == 1 || sum == 0 {
            for index in lines.indices.dropFirst() where lines[index].price != nil { lines[index].price = PostgresNumeric(0) }
            lines[0].price = price
            return
        }
        var left = total
        let priced = lines.indices.filter { weights[$0] > 0 }
        for index in priced {
            let isLast = index == priced.last
            // A part of `total`, so the quotient fits.
            let share = isLast ? left : sum.dividingFullWidth(total.multipliedFullWidth(by: weights[index])).quotient
            lines[index].price = PostgresNumeric(minorUnits: share, scale: 2)
            left -= share
        }
    }
}
