import Hub
import JSON
import Logging

/// One line of JSON a message, for machines.
struct JSONLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var writer = JSONWriter()
        writer.object { line in
            line.field("at", Timestamp.text(Timestamp.now()))
            line.field("level", event.level.rawValue)
            line.field("message", event.message.description)
            for (key, value) in LogLine.sorted(self.metadata, event.metadata) { line.field(key, value) }
        }
        LogLine.write(writer.text)
    }
}

/// One line of text a message, for people.
struct TextLogHandler: LogHandler {
    var logLevel = Logger.Level.info
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = LogLine.sorted(self.metadata, event.metadata).map { " \($0.key)=\($0.value)" }.joined()
        LogLine.write("\(Timestamp.text(Timestamp.now())) \(event.level.rawValue) \(event.message)\(fields)")
    }
}

private enum LogLine {
    /// A message's own metadata before the logger's.
    static func sorted(_ ours: Logger.Metadata, _ given: Logger.Metadata?) -> [(key: String, value: String)] {
        ours.merging(given ?? [:]) { $1 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
    }

    /// In one call, so that lines of several threads do not mix; line breaks in it cannot forge another line.
    static func write(_ line: String) {
        let line = line.replacing("\n", with: "\\n").replacing("\r", with: "\\r")
        StandardError.write(line)
    }
}
