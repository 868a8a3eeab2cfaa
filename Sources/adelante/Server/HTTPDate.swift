import Glibc
import Synchronization

/// Dates as HTTP writes them (RFC 9110 5.6.7, IMF-fixdate): `Sun, 17 May 2026 09:30:00 GMT`.
enum HTTPDate {
    private static let length = 29
    private static let last = Mutex((seconds: time_t.min, text: ""))

    /// Now, made once a second.
    static func now() -> String {
        let seconds = time(nil)
        return self.last.withLock { last in
            if last.seconds != seconds { last = (seconds, self.text(seconds)) }
            return last.text
        }
    }

    /// - Parameter seconds: since 1970 UTC
    static func text(_ seconds: time_t) -> String {
        var seconds = seconds
        var parts = unsafe tm()
        unsafe gmtime_r(&seconds, &parts)
        return unsafe String(unsafeUninitializedCapacity: Self.length + 1) { bytes in
            // The program never leaves the C locale, whose names these are.
            unsafe bytes.withMemoryRebound(to: CChar.self) { text in
                unsafe strftime(text.baseAddress, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            }
        }
    }
}
