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
        case .clear:
            isNewPhone = presentPhone != nil
            contact.phone = nil
        case .set(let typed) where PhoneNumber(typed).isMask: break
        case .set(let typed):
            isNewPhone = typed.nonEmpty != presentPhone
            contact.phone = typed.nonEmpty
        }
        if let id = input.clientID.value, id != present {
            // What is there, or a mask of it, is that of the client before. In a new visit a mask is no phone.
            let takesPhone = !isNewPhone && (input.clientPhone.isKept || presentPhone != nil)
            return self.completed(contact, of: id, takesName: input.clientName.isKept, takesPhone: takesPhone)
        }
        if isNewPhone, input.clientID.isKept {
            let isSamePerson = contact.name == presentName
            if let key = contact.phone.flatMap({ PhoneNumber($0).normalisedKey }) {
                return self.linked(contact, by: key, elseKeeps: isSamePerson)
            }
            // Emptied, or no number: nobody can have it.
            if !isSamePerson { contact.clientID = nil }
        }
        return Awaited(known: contact)
    }

    /// With what a client's card says that the body does not.
    private func completed(_ contact: Contact, of id: Int64, takesName: Bool, takesPhone: Bool) -> Awaited<Contact> {
        self.unit.ask(
            """
            SELECT trim(first_name || ' ' || last_name) AS name, phone FROM clients
            WHERE salon_id = \(self.user.salonID) AND id = \(id) AND deleted_at IS NULL FOR SHARE
            """
        ) { rows in
            guard let row = rows.first else { throw Self.noClient }
            var contact = contact
            if contact.name.isEmpty || takesName { contact.name = try row.get("name") }
            if takesPhone { contact.phone = try row.get("phone", as: String.self).nonEmpty }
            return contact
        }
    }

    /// With the client who has that phone, if there is one.
    ///
    /// - Parameter elseKeeps: whether it is still for the client that it was for if nobody has it: under the same name a number
    ///   was put right
    private func linked(_ contact: Contact, by key: String, elseKeeps: Bool) -> Awaited<Contact> {
        self.unit.ask(
            "SELECT id FROM clients WHERE salon_id = \(self.user.salonID) AND phone_key = \(key) AND deleted_at IS NULL FOR SHARE"
        ) { rows in
            var contact = contact
            if let row = rows.first {
                contact.clientID = try row.get("id")
            } else if !elseKeeps {
                contact.clientID = nil
            }
            return contact
        }
    }
}
