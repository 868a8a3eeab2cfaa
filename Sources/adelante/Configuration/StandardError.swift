import Glibc

/// The standard error, a line at a time.
enum StandardError {
    /// In one call, so that the lines of several threads do not mix.
    static func write(_ line: String) {
        var bytes = Array(line.utf8)
        bytes.append(UInt8(ascii: "\n"))
        unsafe bytes.withUnsafeBytes { bytes in
            var rest = unsafe bytes[...]
            while let start = unsafe UnsafeRawBufferPointer(rebasing: rest).baseAddress {
                let written = unsafe Glibc.write(STDERR_FILENO, start, rest.count)
                if written < 0 && errno == EINTR { continue }
                guard written > 0 else { return }
                unsafe rest = rest.dropFirst(written)
            }
        }
    }
}
