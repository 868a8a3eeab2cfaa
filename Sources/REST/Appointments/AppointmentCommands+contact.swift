import Outbox
import Postgres

extension AppointmentCommands {
    /// Whom a visit is for.
    struct Contact: Sendable {
        var clientID: Int64?
        var name: String
        var phone: String?
    }

    /// Who the visit is for. A masked phone is no phone: absent on creation, unchanged afterwards.
    func contact(
        _ input: AppointmentInput,
        clientID present: Int64?,
        name presentName: String,
        phone presentPhone: String?
    ) -> Awaited<Contact> {
        var contact = Contact(
            clientID: input.clientID.applied(to: present),
            name: input.clientName.value ?? (input.clientName.isCleared ? "" : presentName),
            phone: presentPhone
        )
        var isNewPhone = false
        switch input.clientPhone {
        case .keep: break
        // Whoever sees no phones sends back the empty one that they were shown.
        case _ where !self.user.seesPhones && presentPhone != nil: break
        case .clear: contact.phone = nil
        case .set(let typed) where PhoneNumber(typed).isMask: break
        case .set(let typed):
            isNewPhone = typed != presentPhone
            contact.phone = typed.nonEmpty
        }
        if let id = input.clientID.value, id != present { return self.completed(contact, input, of: id) }
        if isNewPhone, input.clientID.isKept, let key = contact.phone.flatMap({ PhoneNumber($0).normalisedKey }) {
            return self.linked(contact, by: key)
        }
        return Awaited(known: contact)
    }

    /// With what a client's card says that the body does not.
    private func completed(_ contact: Contact, _ input: AppointmentInput, of id: Int64) -> Awaited<Contact> {
        self.unit.ask(
            """
            SELECT trim(first_name || ' ' || last_name) AS name, phone FROM clients
            WHERE salon_id = \(self.user.salonID) AND id = \(id) AND deleted_at IS NULL FOR SHARE
            """
        ) { rows in
            guard let row = rows.first else { throw Self.noClient }
            var contact = contact
            if contact.name.isEmpty || input.clientName.isKept { contact.name = try row.get("name") }
            if contact.phone == nil, input.clientPhone.isKept { contact.phone = try row.get("phone", as: String.self).nonEmpty }
            return contact
        }
    }

    /// With the client who has that phone, if there is one.
    private func linked(_ contact: Contact, by key: String) -> Awaited<Contact> {
        self.unit.ask(
            "SELECT id FROM clients WHERE salon_id = \(self.user.salonID) AND phone_key = \(key) AND deleted_at IS NULL FOR SHARE"
        ) { rows in
            var contact = contact
            contact.clientID = try rows.first?.get("id")
            return contact
        }
    }
}
