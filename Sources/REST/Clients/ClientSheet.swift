import Postgres

/// Clients in workbooks.
enum ClientSheet {
    private static let genders = [
        "female": ["жіноча", "ж", "жінка", "жін", "жін.", "f"], "male": ["чоловіча", "ч", "чоловік", "чол", "чол.", "m"],
        "other": ["інша", "інше"],
    ]

    static let fields: [SheetField] = [
        SheetField("firstName", "Ім'я", width: 18), SheetField("lastName", "Прізвище", width: 18),
        SheetField("middleName", "По батькові", width: 18),
        SheetField(
            "phone",
            "Телефон",
            .phone,
            width: 18,
            others: ["Номер телефону", "Мобільний", "Моб. телефон", "Phone number"]
        ),
        SheetField("email", "Email", width: 24, others: ["E-mail", "Пошта", "Електронна пошта"]),
        SheetField("birthDate", "Дата народження", .date, width: 16, others: ["День народження", "Birthday"]),
        SheetField("gender", "Стать", .words(genders), width: 12),
        SheetField("cardNumber", "Номер картки", width: 14, others: ["Картка"]),
        SheetField(
            "segment",
            "Сегмент",
            .words(["new": ["новий"], "repeat": ["постійний"], "lost": ["втрачений"]]),
            isImported: false
        ),
        SheetField("source", "Джерело", width: 14),
        SheetField("discount", "Знижка", .number, width: 10, others: ["Знижка, %"]),
        SheetField("bonusBalance", "Бонуси", .number, width: 10, others: ["Бонусний баланс"]),
        SheetField("notes", "Нотатки", width: 40, others: ["Примітки", "Коментар"]),
        SheetField("createdAt", "Додано", .moment, isImported: false),
    ]

    /// With `includeVisits`.
    private static let figures: [SheetField] = [
        SheetField("totalVisits", "Кількість візитів", .number, isImported: false),
        SheetField("totalSpent", "Витрачено", .money, isImported: false),
        SheetField("firstVisit", "Перший візит", .date, isImported: false),
        SheetField("lastVisit", "Останній візит", .date, isImported: false),
    ]

    private static let visits: [SheetField] = [
        SheetField("date", "Дата", .date, width: 12), SheetField("startTime", "Початок", width: 10),
        SheetField("clientName", "Клієнт", width: 28), SheetField("clientPhone", "Телефон", width: 18),
        SheetField("serviceName", "Послуги", width: 32), SheetField("staffName", "Майстер", width: 24),
        SheetField(
            "status",
            "Стан",
            .words([
                "scheduled": ["заплановано"], "confirmed": ["підтверджено"], "arrived": ["клієнт прийшов"],
                "no-show": ["не з'явився"],
                "cancelled": ["скасовано"], "completed": ["завершено"],
            ])
        ),
        SheetField("price", "Вартість", .money, width: 12), SheetField("notes", "Нотатки", width: 40),
    ]

    private static let purchases: [SheetField] = [
        SheetField("date", "Дата", .date, width: 12), SheetField("client", "Клієнт", width: 28),
        SheetField("type", "Операція", .words(["payment": ["оплата"], "income": ["дохід"], "refund": ["повернення"]])),
        SheetField("amount", "Сума", .money, width: 12), SheetField("category", "Категорія", width: 20),
        SheetField("description", "Опис", width: 40), SheetField("documentNumber", "Номер документа"),
        SheetField("paymentMethod", "Спосіб оплати"),
    ]

    /// A person in one cell, as many lists have them. It has no name in the API.
    private static let fullName = SheetField(
        "ПІБ",
        "ПІБ",
        others: [
            "П.І.Б.", "П. І. Б.", "ПІБ клієнта", "Прізвище ім'я", "Прізвище, ім'я", "Прізвище та ім'я", "Прізвище і ім'я",
            "Прізвище ім'я по батькові", "Прізвище, ім'я, по батькові", "Прізвище, ім'я та по батькові",
        ]
    )

    /// `Коваль Ольга Іванівна`: the surname comes first, and what is behind the second word is the patronymic, which may be
    /// two (`Мамедова Лейла Ельдар кизи`). A single word is what somebody is called by.
    static func nameParts(_ text: String) -> [String: String] {
        let words = text.split { $0.isWhitespace || $0 == "," }.map(String.init)
        guard words.count > 1 else { return words.first.map { ["firstName": $0] } ?? [:] }
        let names = ["lastName": words[0], "firstName": words[1]]
        return words.count == 2 ? names : names.merging(["middleName": words[2...].joined(separator: " ")]) { $1 }
    }

    /// Duplicates are told by their phones.
    static let imports = SheetImport(
        resource: .client,
        fields: fields,
        required: "firstName",
        compound: SheetCompound(field: fullName, parts: nameParts),
        key: "phone",
        keyOf: { $0.phone.value?.normalisedKey },
        isTaken: { salonID in
            """
            EXISTS (SELECT 1 FROM clients c WHERE c.salon_id = \(salonID) AND c.deleted_at IS NULL AND c.phone_key = given.key)
            """
        }
    )

    /// The clients of a list's parameters and, if they are asked for, their visits and purchases of some days.
    static func export(_ call: Call) async throws -> Answer {
        let (user, query) = (try call.user, call.query)
        try query.checkFormat()
        let (from, to) = (try query.date("dateFrom"), try query.date("dateTo"))
        let hasVisits = try query.bool("includeVisits") ?? false
        let hasPurchases = try query.bool("includeProducts") ?? false
        let fields = try query.chosen(self.fields + (hasVisits || query["fields"] != nil ? self.figures : []))
        let clients = try Resource.client.sheet("Клієнти", fields, for: user, query)
        let chosen: SQL = "(SELECT c.id FROM \(clients.source) WHERE \(clients.condition))"
        var sheets = [clients]
        // Who may not see the calendar sees no visits, who may not see the salon's money no purchases.
        if hasVisits, user.may(.calendar, .view) {
            sheets.append(
                SheetRows(
                    title: "Візити",
                    fields: user.seesPhones ? self.visits : self.visits.filter { $0.name != "clientPhone" },
                    source: "appointments a",
                    projection: AppointmentRepository.projection(phones: user.seesPhones),
                    condition: "a.salon_id = \(user.salonID) AND a.deleted_at IS NULL AND a.client_id IN \(chosen)"
                        + AppointmentRepository.Filter(from: from, to: to).condition,
                    order: "a.date, a.start_time, a.id"
                )
            )
        }
        if hasPurchases, user.may(.finances, .view) {
            sheets.append(self.purchases(of: chosen, user, from, to))
        }
        return try await call.workbook("clients", sheets)
    }

    private static func purchases(of clients: SQL, _ user: CurrentUser, _ from: LocalDate?, _ to: LocalDate?) -> SheetRows {
        var condition: SQL = """
            o.salon_id = \(user.salonID) AND o.deleted_at IS NULL AND o.appointment_id IS NULL
            AND o.status = 'completed' AND o.type IN ('payment', 'income', 'refund') AND o.client_id IN \(clients)
            """
        if let from { condition += " AND o.date >= \(from.text)::text::date" }
        if let to { condition += " AND o.date <= \(to.text)::text::date" }
        return SheetRows(
            title: "Покупки",
            fields: self.purchases,
            source: """
                operations o JOIN clients k ON k.id = o.client_id LEFT JOIN payment_methods m ON m.id = o.payment_method_id
                """,
            projection: SQL.object(
                """
                'date', o.date, 'client', trim(k.first_name || ' ' || k.last_name), 'type', o.type, 'amount', o.amount,
                'category', o.category, 'description', o.description, 'documentNumber', nullif(o.document_number, ''),
                'paymentMethod', nullif(coalesce(m.name, o.payment_method_name), '')
                """
            ),
            condition: condition,
            order: "o.date, o.id"
        )
    }
}
