import Glibc

/// A file without a name: it is gone when nobody holds it any more.
public final class SheetFile: Sendable {
    private let descriptor: Int32

    /// `TMPDIR`, else `/tmp`.
    static let temporaryFolder = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/tmp"

    /// - Parameter folder: on whose file system it lies
    init(in folder: String) throws(SpreadsheetError) {
        let descriptor = unsafe Glibc.open(folder, O_RDWR | O_CLOEXEC | __O_TMPFILE | O_DIRECTORY, 0o600)
        guard descriptor < 0 else {
            self.descriptor = descriptor
            return
        }
        // Not every file system knows files that never had a name.
        var name = Array("\(folder)/adelante-XXXXXX".utf8CString)
        let named = unsafe name.withUnsafeMutableBufferPointer { name in
            guard let name = name.baseAddress else { return Int32(-1) }
            let named = unsafe mkstemp(name)
            if named >= 0 { unsafe _ = unlink(name) }
            return named
        }
        guard named >= 0 else { throw SpreadsheetError(.writing, "no file can be made in \(folder) (error \(errno))") }
        _ = fcntl(named, F_SETFD, FD_CLOEXEC)
        self.descriptor = named
    }

    deinit {
        close(self.descriptor)
    }

    /// How this process, and nobody else, can open it by a name.
    var path: String { "/proc/self/fd/\(self.descriptor)" }

    /// Bytes.
    public var size: Int {
        var status = stat()
        return unsafe fstat(self.descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Reads a part. Blocks.
    ///
    /// - Returns: fewer bytes than asked for at the end, and none behind it
    public func read(at offset: Int, count: Int) throws(SpreadsheetError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let more = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(self.descriptor, buffer.baseAddress.map { unsafe $0 + filled }, count - filled, offset + filled)
            }
            if more < 0, errno == EINTR { continue }
            guard more >= 0 else { throw SpreadsheetError(.writing, "the file cannot be read again (error \(errno))") }
            guard more > 0 else { break }
            filled += more
        }
        bytes.removeSubrange(filled...)
        return bytes
    }
}
