import Logging
import Synchronization

/// Keeps the port that a listener in this very process logs.
struct PortLog: LogHandler {
    final class Port: Sendable {
        let number = Mutex<Int?>(nil)
    }

    let port: Port
    var metadata = Logger.Metadata()
    var logLevel = Logger.Level.notice

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        guard let number = event.metadata?["port"].flatMap({ Int("\($0)") }) else { return }
        self.port.number.withLock { $0 = number }
    }
}
