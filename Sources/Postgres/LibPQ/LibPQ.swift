import CLibPQ
import Glibc

// The one file that touches libpq's pointers. Each has one owner here that frees it, and none leaves the file.

/// A `PGconn`. Not Sendable: it is used by its connection alone, on one thread at a time.
@safe
final class LibPQConnection {
    /// What a connection being made waits for.
    enum Progress {
        case reading, writing, connected, failed
    }

    /// What is left to send.
    enum Flush {
        case done, pending, failed
    }

    private let pointer: OpaquePointer
    private var encoder = ParameterEncoder()

    /// Begins to connect; nil when memory ran out. A later parameter wins over an earlier one; `dbname` may be a URL.
    init?(parameters: [(key: String, value: String)]) {
        var keys: [UnsafeMutablePointer<CChar>?] = unsafe parameters.map { unsafe Self.copy($0.key) }
        var values: [UnsafeMutablePointer<CChar>?] = unsafe parameters.map { unsafe Self.copy($0.value) }
        defer {
            unsafe keys.forEach { unsafe $0?.deallocate() }
            unsafe values.forEach { unsafe $0?.deallocate() }
        }
        unsafe keys.append(nil)
        unsafe values.append(nil)
        let constantKeys = unsafe keys.map { unsafe UnsafePointer($0) }
        let constantValues = unsafe values.map { unsafe UnsafePointer($0) }
        guard let pointer = unsafe PQconnectStartParams(constantKeys, constantValues, 1) else { return nil }
        unsafe self.pointer = unsafe pointer
        // otherwise libpq prints notices to stderr
        unsafe PQsetNoticeReceiver(self.pointer, { _, _ in }, nil)
        unsafe PQsetErrorVerbosity(self.pointer, PQERRORS_VERBOSE)
    }

    deinit {
        unsafe PQfinish(self.pointer)
    }

    private static func copy(_ text: String) -> UnsafeMutablePointer<CChar> {
        let bytes = text.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        for (index, byte) in bytes.enumerated() {
            unsafe copy.advanced(by: index).initialize(to: byte)
        }
        return unsafe copy
    }

    // MARK: state

    /// The socket, or -1. It may change while connecting.
    var socket: Int32 { unsafe PQsocket(self.pointer) }
    /// Whether the connection is broken, or was never made.
    var isBad: Bool { unsafe PQstatus(self.pointer) == CONNECTION_BAD }
    /// Whether a transaction block is open on the server, failed or not.
    var isInTransaction: Bool {
        let status = unsafe PQtransactionStatus(self.pointer)
        return status == PQTRANS_INTRANS || status == PQTRANS_INERROR
    }
    /// Whether the open transaction block has failed and takes nothing but ROLLBACK.
    var isTransactionFailed: Bool { unsafe PQtransactionStatus(self.pointer) == PQTRANS_INERROR }
    /// Whether the server is idle outside a transaction.
    var isIdle: Bool { unsafe PQtransactionStatus(self.pointer) == PQTRANS_IDLE }
    /// Whether the session speaks TLS.
    var usesTLS: Bool { unsafe PQsslInUse(self.pointer) != 0 }
    /// The server process.
    var backendPID: Int32 { unsafe PQbackendPID(self.pointer) }
    /// libpq's last words. They may quote the connection string: scrub them.
    var errorMessage: String { unsafe String(cString: PQerrorMessage(self.pointer)) }

    // MARK: connecting

    func connectStep() -> Progress {
        switch unsafe PQconnectPoll(self.pointer) {
        case PGRES_POLLING_OK: .connected
        case PGRES_POLLING_READING: .reading
        case PGRES_POLLING_WRITING: .writing
        default: .failed
        }
    }

    /// Makes sending never block, turns pipeline mode on, and returns to short messages.
    func prepareForUse() -> Bool {
        unsafe PQsetErrorVerbosity(self.pointer, PQERRORS_DEFAULT)
        return unsafe PQsetnonblocking(self.pointer, 1) == 0 && PQenterPipelineMode(self.pointer) == 1
    }

    // MARK: sending

    func enterPipeline() -> Bool { unsafe PQenterPipelineMode(self.pointer) == 1 }
    func exitPipeline() -> Bool { unsafe PQexitPipelineMode(self.pointer) == 1 }

    func sendPrepare(name: String, text: String, types: [PostgresType]) -> Bool {
        unsafe PQsendPrepare(self.pointer, name, text, Int32(types.count), types.map(\.rawValue)) == 1
    }

    /// Runs a prepared statement.
    func sendExecute(name: String, parameters: [PostgresParameter]) -> Bool {
        unsafe self.encoder.withPointers(to: parameters) { values, lengths, formats in
            // A short name is passed from the stack so; as an argument it would be copied to the heap.
            unsafe name.withCString { name in
                unsafe PQsendQueryPrepared(self.pointer, name, Int32(parameters.count), values, lengths, formats, 1) == 1
            }
        }
    }

    /// Parses and runs a statement without giving it a name.
    func sendOnce(text: String, parameters: [PostgresParameter]) -> Bool {
        let types = parameters.map(\.type.rawValue)
        return unsafe self.encoder.withPointers(to: parameters) { values, lengths, formats in
            unsafe PQsendQueryParams(self.pointer, text, Int32(parameters.count), types, values, lengths, formats, 1) == 1
        }
    }

    /// Sends a script of any number of statements by the simple protocol; not in pipeline mode.
    func sendScript(_ text: String) -> Bool { unsafe PQsendQuery(self.pointer, text) == 1 }

    /// Ends a pipeline; what was sent since the last end is one transaction unless it opened its own.
    func sendSync() -> Bool { unsafe PQpipelineSync(self.pointer) == 1 }

    func flush() -> Flush {
        switch unsafe PQflush(self.pointer) {
        case 0: .done
        case 1: .pending
        default: .failed
        }
    }

    // MARK: receiving

    func consumeInput() -> Bool { unsafe PQconsumeInput(self.pointer) == 1 }
    var isBusy: Bool { unsafe PQisBusy(self.pointer) == 1 }

    /// The next result, or nil at the end of a statement's. Blocks unless ``isBusy`` is false.
    func nextResult() -> LibPQResult? {
        guard let pointer = unsafe PQgetResult(self.pointer) else { return nil }
        return unsafe LibPQResult(owning: pointer)
    }

    /// A request to cancel what runs, for another thread to send.
    func cancellation() -> LibPQCancellation? {
        guard let pointer = unsafe PQgetCancel(self.pointer) else { return nil }
        return unsafe LibPQCancellation(owning: pointer)
    }
}

/// A `PGcancel`: the address and key with which a second connection asks the server to cancel what the first one runs.
///
/// `@unchecked Sendable`: the object never changes, and libpq documents PQcancel as safe in any thread.
@safe
final class LibPQCancellation: @unchecked Sendable {
    private let pointer: OpaquePointer

    fileprivate init(owning pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
    }

    deinit {
        unsafe PQfreeCancel(self.pointer)
    }

    /// Sends the request and waits until the server has taken note. Blocks.
    func send() -> Bool {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            unsafe PQcancel(self.pointer, buffer.baseAddress, Int32(buffer.count)) == 1
        }
    }
}

/// A `PGresult`, freed with its last user.
///
/// `@unchecked Sendable`: it is never changed once made, and libpq documents results as free to pass between threads.
@safe
final class LibPQResult: @unchecked Sendable {

    enum Status {
        case done, failed, pipelineSync, pipelineAborted, unexpected
    }

    private let pointer: OpaquePointer
    let status: Status
    let columnCount: Int
    let rowCount: Int

    fileprivate init(owning pointer: OpaquePointer) {
        unsafe self.pointer = unsafe pointer
        self.status =
            switch unsafe PQresultStatus(pointer) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: .done
            case PGRES_FATAL_ERROR: .failed
            case PGRES_PIPELINE_SYNC: .pipelineSync
            case PGRES_PIPELINE_ABORTED: .pipelineAborted
            default: .unexpected
            }
        self.rowCount = Int(unsafe PQntuples(pointer))
        self.columnCount = Int(unsafe PQnfields(pointer))
    }

    deinit {
        unsafe PQclear(self.pointer)
    }

    /// `INSERT 0 1`, `COMMIT`, …
    var commandTag: String { unsafe String(cString: PQcmdStatus(self.pointer)) }
    /// The number in the command tag.
    var affected: Int { Int(unsafe String(cString: PQcmdTuples(self.pointer))) ?? 0 }

    // MARK: columns

    func name(column: Int) -> String {
        unsafe PQfname(self.pointer, Int32(column)).map { unsafe String(cString: $0) } ?? ""
    }

    func type(column: Int) -> PostgresType { PostgresType(rawValue: unsafe PQftype(self.pointer, Int32(column))) }

    func column(named name: String) -> Int? {
        unsafe name.withCString { name in
            (0..<self.columnCount).first { column in
                guard let found = unsafe PQfname(self.pointer, Int32(column)) else { return false }
                return unsafe strcmp(found, name) == 0
            }
        }
    }

    // MARK: values; the caller has checked row and column

    func isNull(row: Int, column: Int) -> Bool { unsafe PQgetisnull(self.pointer, Int32(row), Int32(column)) != 0 }
    func length(row: Int, column: Int) -> Int { Int(unsafe PQgetlength(self.pointer, Int32(row), Int32(column))) }

    private func withBytes<R>(row: Int, column: Int, range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        let length = self.length(row: row, column: column)
        precondition(range.lowerBound >= 0 && range.upperBound <= length, "The value has \(length) bytes")
        let start = unsafe UnsafeRawPointer(PQgetvalue(self.pointer, Int32(row), Int32(column)))
        let buffer = unsafe UnsafeRawBufferPointer(start: start?.advanced(by: range.lowerBound), count: range.count)
        // keeps the memory until the body is done
        return withExtendedLifetime(self) { unsafe body(buffer) }
    }

    func withSpan<R>(row: Int, column: Int, range: Range<Int>, _ body: (RawSpan) -> R) -> R {
        unsafe self.withBytes(row: row, column: column, range: range) { body(unsafe $0.bytes) }
    }

    /// Appends a value behind its length; a NULL is a length of -1.
    func append(row: Int, column: Int, to output: inout [UInt8]) {
        let length = self.isNull(row: row, column: column) ? -1 : self.length(row: row, column: column)
        unsafe Swift.withUnsafeBytes(of: Int32(length)) { unsafe output.append(contentsOf: $0) }
        guard length > 0 else { return }
        unsafe self.withBytes(row: row, column: column, range: 0..<length) { unsafe output.append(contentsOf: $0) }
    }

    /// Whether what ``append(row:column:to:)`` appends is what comes next; takes it.
    func isNext(row: Int, column: Int, in input: inout ArraySlice<UInt8>) -> Bool {
        let length = self.isNull(row: row, column: column) ? -1 : self.length(row: row, column: column)
        guard unsafe Swift.withUnsafeBytes(of: Int32(length), { unsafe input.starts(with: $0) }) else { return false }
        input.removeFirst(MemoryLayout<Int32>.size)
        guard length > 0 else { return true }
        guard unsafe self.withBytes(row: row, column: column, range: 0..<length, { unsafe input.starts(with: $0) }) else {
            return false
        }
        input.removeFirst(length)
        return true
    }

    func bytes(row: Int, column: Int, range: Range<Int>) -> [UInt8] {
        unsafe self.withBytes(row: row, column: column, range: range) { unsafe Array($0) }
    }

    func text(row: Int, column: Int, range: Range<Int>) -> String? {
        unsafe self.withBytes(row: row, column: column, range: range) { unsafe String(validating: $0, as: UTF8.self) }
    }

    func integer<I: FixedWidthInteger>(row: Int, column: Int, offset: Int) -> I {
        let range = offset..<(offset + MemoryLayout<I>.size)
        return unsafe self.withBytes(row: row, column: column, range: range) { bytes in
            I(bigEndian: unsafe bytes.loadUnaligned(as: I.self))
        }
    }

    // MARK: errors

    /// Whether the server ended the session with this error.
    var isFatal: Bool {
        let severity = self.field(CLIBPQ_SEVERITY)
        return severity == "FATAL" || severity == "PANIC"
    }

    /// The server's report, or nil when libpq made the error itself because the connection broke.
    var serverError: PostgresError? {
        guard let state = self.field(CLIBPQ_SQLSTATE) else { return nil }
        var error = PostgresError(.sqlState, self.field(CLIBPQ_MESSAGE) ?? "no message")
        error.sqlState = SQLState(rawValue: state)
        error.detail = self.field(CLIBPQ_DETAIL)
        error.hint = self.field(CLIBPQ_HINT)
        error.schema = self.field(CLIBPQ_SCHEMA)
        error.table = self.field(CLIBPQ_TABLE)
        error.column = self.field(CLIBPQ_COLUMN)
        error.constraint = self.field(CLIBPQ_CONSTRAINT)
        error.serverFunction = self.field(CLIBPQ_FUNCTION)
        return error
    }

    /// The character of a script at which the server found the error, counted from 1.
    var errorPosition: Int? { self.field(CLIBPQ_POSITION).flatMap { Int($0) } }

    private func field(_ code: some BinaryInteger) -> String? {
        guard let value = unsafe PQresultErrorField(self.pointer, Int32(code)) else { return nil }
        return unsafe String(cString: value)
    }
}

/// Puts a statement's parameters as libpq wants them: arrays beside each other, which are used again for the next statement.
@safe
private struct ParameterEncoder {
    /// Memory that one statement needed beyond this is given back behind it.
    private static let keptBytes = 65_536

    private var bytes: [UInt8] = []
    /// Where each value starts in `bytes`; -1 for NULL.
    private var offsets: [Int] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []
    private var values = unsafe [UnsafePointer<CChar>?]()

    /// - Parameter body: gets the values, their lengths and their formats, for as long as it runs
    mutating func withPointers<R>(
        to parameters: [PostgresParameter],
        _ body: ([UnsafePointer<CChar>?], [Int32], [Int32]) -> R
    ) -> R {
        self.encode(parameters)
        // Taken out, so that they can be filled without a copy while the bytes are lent.
        var values = unsafe [UnsafePointer<CChar>?]()
        unsafe swap(&values, &self.values)
        let result = unsafe self.bytes.withUnsafeBytes { buffer in
            let base = unsafe buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            for offset in self.offsets {
                unsafe values.append(offset < 0 ? nil : base?.advanced(by: offset))
            }
            return unsafe body(values, self.lengths, self.formats)
        }
        unsafe values.removeAll(keepingCapacity: true)
        unsafe swap(&values, &self.values)
        self.clear()
        return result
    }

    private mutating func encode(_ parameters: [PostgresParameter]) {
        for parameter in parameters {
            let start = self.bytes.count
            self.offsets.append(parameter.value == .null ? -1 : start)
            var format: Int32 = 1
            switch parameter.value {
            case .null: break
            case .text(let text):
                format = 0
                self.bytes.append(contentsOf: text.utf8)
                // libpq reads up to it
                self.bytes.append(0)
            case .binary(let value): self.bytes.append(contentsOf: value)
            case .int64(let value): self.append(value)
            case .int32(let value): self.append(value)
            case .bool(let value): self.bytes.append(value ? 1 : 0)
            }
            self.lengths.append(Int32(clamping: self.bytes.count - start))
            self.formats.append(format)
        }
        // so that an empty last value still has an address: NULL's is nil
        self.bytes.append(0)
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        unsafe withUnsafeBytes(of: value.bigEndian) { unsafe self.bytes.append(contentsOf: $0) }
    }

    private mutating func clear() {
        guard self.bytes.capacity <= Self.keptBytes else {
            self = Self()
            return
        }
        self.bytes.removeAll(keepingCapacity: true)
        self.offsets.removeAll(keepingCapacity: true)
        self.lengths.removeAll(keepingCapacity: true)
        self.formats.removeAll(keepingCapacity: true)
    }
}

/// What libpq makes of a connection string.
enum LibPQConnectionString {
    /// The secrets in it, or a reason why it is none. The reason quotes nothing of the string.
    static func secrets(of string: String) -> Result<[String], PostgresError> {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = unsafe PQconninfoParse(string, &message) else {
            let reason = unsafe message.map { unsafe String(cString: $0) } ?? "out of memory"
            if let message = unsafe message {
                unsafe PQfreemem(message)
            }
            return .failure(PostgresError(.connectionFailed, Redaction.withoutQuotations(reason)))
        }
        defer { unsafe PQconninfoFree(options) }
        var secrets: [String] = []
        var option = unsafe options
        while let keyword = unsafe option.pointee.keyword {
            let name = unsafe String(cString: keyword)
            if name == "password" || name == "sslpassword", let value = unsafe option.pointee.val {
                secrets.append(unsafe String(cString: value))
            }
            unsafe option += 1
        }
        return .success(secrets)
    }
}
