import JSON
import Postgres

/// The words of an appointment's enumerated fields.
enum AppointmentWords {
    static let statuses = ["scheduled", "confirmed", "arrived", "no-show", "cancelled", "completed"]
    static let types = ["standard", "important", "special"]
}

/// One of the services of a visit.
struct VisitLine: Sendable, Equatable {
    var serviceID: Int64?
    var name: String
    var price: PostgresNumeric?
    var duration: Int64?
}

/// The body of POST and PUT, field by field.
struct AppointmentInput: Sendable {
    var clientID: Patch<Int64>
    var clientName: Patch<String>
    var clientPhone: Patch<String>
    var staffID: Patch<Int64>
    var serviceID: Patch<Int64>
    var service: Patch<String>
    var lines: Patch<[VisitLine]>
    var date: Patch<LocalDate>
    var startTime: Patch<LocalTime>
    var endTime: Patch<LocalTime>
    var status: Patch<String>
    var type: Patch<String>
    var price: Patch<PostgresNumeric>
    var paymentMethod: Patch<String>
    var notes: Patch<String>
    var allowOverlap: Bool
    var version: Int64?
    /// The number of a hold that the writer has; what that one holds is not refused.
    var fence: Int64?
    /// The most services of one visit.
    static let maximumLines = 30
    /// How long the text of its services may be: one of them may be all of it.
    static let longestText = 1_000
    /// The longest visit, in minutes.
    static let longest = 16 * 60

    /// - Throws: 422 naming every bad field
    init(_ object: JSONObject, creating: Bool) throws(APIError) {
        var body = BodyReader(object)
        self.clientID = body.integer("clientId")
        self.clientName = body.text("clientName", maximum: BodyReader.longestPersonName)
        self.clientPhone = body.text("clientPhone", maximum: 50)
        self.staffID = body.integer("staffId")
        self.serviceID = body.integer("serviceId")
        let service = body.text("service", maximum: Self.longestText)
        self.service = service.isKept ? body.text("serviceName", maximum: Self.longestText) : service
        self.date = body.date("date")
        self.startTime = body.time("startTime")
        self.endTime = body.time("endTime")
        self.status = body.word("status", of: AppointmentWords.statuses)
        self.type = body.word("type", of: AppointmentWords.types)
        self.price = body.money("price")
        self.paymentMethod = body.optionalText("paymentMethod")
        self.notes = body.text("notes", maximum: 4_000, multiline: true)
        self.allowOverlap = body.bool("allowOverlap").value ?? false
        self.version = body.integer("version").value
        self.fence = body.integer("fence").value
        self.lines = Self.lines(&body)
        if creating {
            if self.date.value == nil { body.require("date") }
            if self.startTime.value == nil { body.require("startTime") }
            if self.endTime.value == nil { body.require("endTime") }
            if self.clientName.value == nil, self.clientID.value == nil { body.require("clientName") }
        } else {
            // These cannot be taken away.
            for (name, isCleared) in [
                ("date", self.date.isCleared), ("startTime", self.startTime.isCleared), ("endTime", self.endTime.isCleared),
                ("status", self.status.isCleared), ("type", self.type.isCleared),
            ] where isCleared {
                body.reject(name, "must not be null", "не може бути null")
            }
        }
        if let start = self.startTime.value, let end = self.endTime.value, let text = Self.refusal(start, end) {
            body.reject("endTime", text.english, text.ukrainian)
        }
        try body.finish()
    }

    /// What is wrong with a visit from `start` to `end`, if anything is. An end below the start is the next day's.
    static func refusal(_ start: LocalTime, _ end: LocalTime) -> (english: String, ukrainian: String)? {
        if start == end { return ("must differ from startTime", "має відрізнятися від часу початку") }
        let minutes = end.minutes - start.minutes + (end < start ? 24 * 60 : 0)
        return minutes > self.longest
            ? ("a visit lasts at most 16 hours", "візит триває щонайбільше 16 годин") : nil
    }

    /// Without the id of a service that the visit has, and without one that is cleared where it has none: whoever sends all fields
    /// back says nothing by it. Beside another text it is meant.
    func withoutKnownService(_ current: AppointmentRepository.Current) -> AppointmentInput {
        let isSame = self.serviceID.isCleared ? current.serviceID == nil : self.serviceID.value == current.serviceID
        let isSameText = self.service.isKept || self.service.value == current.serviceName
        guard isSame, self.serviceID.isCleared || (isSameText && !self.lines.isCleared) else { return self }
        var input = self
        input.serviceID = .keep
        return input
    }

    private static func lines(_ body: inout BodyReader) -> Patch<[VisitLine]> {
        body.list("services", maximumCount: self.maximumLines, shape: "{serviceId?, name, price?, duration?}") { body in
            let line = VisitLine(
                serviceID: body.integer("serviceId").value,
                name: body.text("name", maximum: self.longestText).value ?? "",
                price: body.money("price").value,
                duration: body.integer("duration", in: ServiceInput.durations).value
            )
            return line.name.isEmpty && line.serviceID == nil ? nil : line
        }
    }
}
