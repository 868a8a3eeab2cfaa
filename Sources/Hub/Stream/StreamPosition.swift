/// Where a reader stands in every topic of a stream, as the `id` of its events has it: `appointments=42@E1,notifications=7@E2`.
public struct StreamPosition: Sendable, Equatable {
    /// A place in one topic's history.
    struct Place: Sendable, Equatable {
        /// The last event that the reader has.
        var seq: Int64
        /// The history that it belongs to.
        var epoch: String
    }

    private(set) var places: [String: Place] = [:]

    /// Nowhere yet: every topic starts at its head.
    public init() {}

    /// Reads an id; `nil` if it is none of ours.
    public init?(_ text: String) {
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let equals = part.firstIndex(of: "="), let at = part.lastIndex(of: "@"), equals < at else { return nil }
            let (topic, epoch) = (part[..<equals], part[part.index(after: at)...])
            guard let seq = Int64(part[part.index(after: equals)..<at]), !topic.isEmpty, !epoch.isEmpty else { return nil }
            self.places[String(topic)] = Place(seq: seq, epoch: String(epoch))
        }
    }

    /// Adds a topic's place to the text of an id.
    static func append(_ topic: String, _ seq: Int64, _ epoch: String, to id: inout String) {
        if !id.isEmpty { id += "," }
        id += topic
        id += "="
        id += String(seq)
        id += "@"
        id += epoch
    }
}
