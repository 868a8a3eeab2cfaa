import CCurl
import Glibc

// The one file that touches libcurl's pointers. Each has one owner here that frees it, and none leaves the file.

/// libcurl's own start, once in a process.
private enum LibCurl {
    static let isStarted = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}

/// What a transfer's callbacks write to. Touched by the thread that transfers alone.
private final class Sink {
    var body: [UInt8] = []
    var isOverflowing = false
    private var headerBytes = 0
    private let limit: Int

    init(limit: Int) {
        self.limit = limit
    }

    /// - Returns: how much was taken; anything but all of it breaks the transfer off.
    func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard bytes.count <= self.limit - self.body.count else { return self.refuse() }
        unsafe self.body.append(contentsOf: bytes)
        return bytes.count
    }

    func takeHeader(_ count: Int) -> Int {
        guard count <= self.limit - self.headerBytes else { return self.refuse() }
        self.headerBytes += count
        return count
    }

    private func refuse() -> Int {
        self.isOverflowing = true
        return 0
    }
}

/// One transfer: an easy handle, the headers and the buffers that it points to. Not Sendable.
@safe
private final class Transfer {
    fileprivate let pointer: OpaquePointer
    private let sink: Sink
    private var headers: UnsafeMutablePointer<curl_slist>?

    init(id: UInt64, request: CurlRequest, configuration: CurlConfiguration) throws(CurlError) {
        guard let pointer = unsafe curl_easy_init() else { throw Transfer.outOfResources }
        unsafe self.pointer = unsafe pointer
        self.sink = Sink(limit: request.maxAnswerBytes)
        try self.set(unsafe ccurl_set_id(pointer, id))
        try self.setSecurity(configuration)
        try self.setRequest(request)
        try self.setLimits(request)
        try self.setSink()
    }

    deinit {
        unsafe curl_easy_cleanup(self.pointer)
        unsafe curl_slist_free_all(self.headers)
    }

    /// The answer, once the transfer has ended.
    func result(_ code: CURLcode) -> Result<CurlResponse, CurlError> {
        guard code == CURLE_OK else { return .failure(CurlError(code, isOverflowing: self.sink.isOverflowing)) }
        let seconds = unsafe ccurl_retry_after(self.pointer)
        return .success(
            CurlResponse(
                status: unsafe ccurl_status(self.pointer),
                body: self.sink.body,
                retryAfter: seconds > 0 ? .seconds(seconds) : nil
            )
        )
    }

    private func setSecurity(_ configuration: CurlConfiguration) throws(CurlError) {
        try self.set(unsafe ccurl_set_text(self.pointer, CURLOPT_PROTOCOLS_STR, "http,https"))
        try self.set(unsafe ccurl_set_long(self.pointer, CURLOPT_FOLLOWLOCATION, 0))
        try self.set(unsafe ccurl_set_long(self.pointer, CURLOPT_SSL_VERIFYPEER, 1))
        try self.set(unsafe ccurl_set_long(self.pointer, CURLOPT_SSL_VERIFYHOST, 2))
        try self.set(unsafe ccurl_set_long(self.pointer, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)))
        if let file = configuration.certificateAuthorities {
            try self.set(unsafe ccurl_set_text(self.pointer, CURLOPT_CAINFO, file))
            // Nor those in the system's folder.
            try self.set(unsafe ccurl_set_text(self.pointer, CURLOPT_CAPATH, nil))
        }
        // Signals belong to the process; SIGPIPE is blocked on the thread.
        try self.set(unsafe ccurl_set_long(self.pointer, CURLOPT_NOSIGNAL, 1))
    }

    private func setRequest(_ request: CurlRequest) throws(CurlError) {
        try self.set(unsafe ccurl_set_text(self.pointer, CURLOPT_URL, request.url))
        if request.isForLoopback {
            try self.set(unsafe ccurl_set_text(self.pointer, CURLOPT_PROXY, ""))
        }
        // With HTTP/1.1 a transfer that is broken off closes its connection: the server sees it at once.
        try self.set(unsafe ccurl_set_long(self.pointer, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)))
        try self.set(unsafe ccurl_set_text(self.pointer, CURLOPT_USERAGENT, "adelante"))
        // An empty `Expect:` sends none: nobody waits for a 100 before the body.
        for line in request.headers.map({ "\($0.name): \($0.value)" }) + ["Expect:"] {
            guard let longer = unsafe curl_slist_append(self.headers, line) else { throw Self.outOfResources }
            unsafe self.headers = longer
        }
        try self.set(unsafe ccurl_set_list(self.pointer, CURLOPT_HTTPHEADER, self.headers))
        if request.method == .post {
            try self.set(unsafe ccurl_set_long(self.pointer, CURLOPT_POST, 1))
            try self.set(unsafe request.body.withUnsafeBytes { unsafe ccurl_set_body(self.pointer, $0.baseAddress, $0.count) })
        }
    }

    private func setLimits(_ request: CurlRequest) throws(CurlError) {
        try self.set(unsafe ccurl_set_long(self.pointer, CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.milliseconds))
        try self.set(unsafe ccurl_set_long(self.pointer, CURLOPT_TIMEOUT_MS, request.timeout.milliseconds))
        // A Content-Length beyond the limit ends it before the body comes.
        try self.set(unsafe ccurl_set_size(self.pointer, CURLOPT_MAXFILESIZE_LARGE, curl_off_t(max(request.maxAnswerBytes, 1))))
        // A long poll is silent for most of its time: whatever lies between must not forget the connection.
        try self.set(unsafe ccurl_set_long(self.pointer, CURLOPT_TCP_KEEPALIVE, 1))
        try self.set(unsafe ccurl_set_long(self.pointer, CURLOPT_TCP_KEEPIDLE, 20))
        try self.set(unsafe ccurl_set_long(self.pointer, CURLOPT_TCP_KEEPINTVL, 10))
        // Breaking off does not wait for a name that is being looked up.
        try self.set(unsafe ccurl_set_long(self.pointer, CURLOPT_QUICK_EXIT, 1))
    }

    private func setSink() throws(CurlError) {
        // The sink lives as long as this object, which frees the handle before it.
        let context = unsafe Unmanaged.passUnretained(self.sink).toOpaque()
        try self.set(unsafe ccurl_set_context(self.pointer, CURLOPT_WRITEDATA, context))
        try self.set(unsafe ccurl_set_context(self.pointer, CURLOPT_HEADERDATA, context))
        try self.set(
            unsafe ccurl_set_sink(self.pointer, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
                guard let context = unsafe context else { return 0 }
                let sink = unsafe Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue()
                return unsafe sink.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
            }
        )
        try self.set(
            unsafe ccurl_set_sink(self.pointer, CURLOPT_HEADERFUNCTION) { _, size, count, context in
                guard let context = unsafe context else { return 0 }
                return unsafe Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue().takeHeader(size * count)
            }
        )
    }

    private func set(_ code: CURLcode) throws(CurlError) {
        guard code == CURLE_OK else { throw CurlError(code, isOverflowing: false) }
    }

    fileprivate static let outOfResources = CurlError(.outOfResources, "libcurl had no memory left")
}

/// All transfers of a client, a multi handle. Everything but ``wakeUp()`` is called by one thread alone.
@safe
final class TransferSet: @unchecked Sendable {  // the doc above; curl_multi_wakeup is made for any thread
    private let pointer: OpaquePointer
    private let configuration: CurlConfiguration
    private var transfers: [UInt64: Transfer] = [:]

    init(configuration: CurlConfiguration) throws(CurlError) {
        guard LibCurl.isStarted, let pointer = unsafe curl_multi_init() else { throw Transfer.outOfResources }
        unsafe self.pointer = unsafe pointer
        self.configuration = configuration
    }

    deinit {
        self.dropAll()
        unsafe curl_multi_cleanup(self.pointer)
    }

    /// Begins a transfer.
    func begin(id: UInt64, request: CurlRequest) throws(CurlError) {
        let transfer = try Transfer(id: id, request: request, configuration: self.configuration)
        guard unsafe curl_multi_add_handle(self.pointer, transfer.pointer) == CURLM_OK else { throw Transfer.outOfResources }
        self.transfers[id] = transfer
    }

    /// Breaks a transfer off, if it still runs.
    func drop(id: UInt64) {
        guard let transfer = self.transfers.removeValue(forKey: id) else { return }
        unsafe curl_multi_remove_handle(self.pointer, transfer.pointer)
    }

    /// Breaks all transfers off.
    func dropAll() {
        for id in self.transfers.keys { self.drop(id: id) }
    }

    /// Reads and writes whatever is ready.
    ///
    /// - Returns: the transfers that have ended by it.
    func perform() -> [(id: UInt64, result: Result<CurlResponse, CurlError>)] {
        var running: Int32 = 0
        unsafe curl_multi_perform(self.pointer, &running)
        var ended: [(id: UInt64, result: Result<CurlResponse, CurlError>)] = []
        var id: UInt64 = 0
        var code = CURLE_OK
        while unsafe ccurl_next_ended(self.pointer, &id, &code) {
            guard let transfer = self.transfers[id] else { continue }
            ended.append((id, transfer.result(code)))
            self.drop(id: id)
        }
        return ended
    }

    /// Waits until a transfer can go on, or ``wakeUp()``.
    func wait() {
        // libcurl wakes up earlier for its own deadlines.
        unsafe curl_multi_poll(self.pointer, nil, 0, 60_000, nil)
    }

    /// Ends the wait that is going on, or the next one. From any thread.
    func wakeUp() {
        unsafe curl_multi_wakeup(self.pointer)
    }

    /// Keeps a broken TLS connection from ending the process: OpenSSL writes without MSG_NOSIGNAL.
    static func blockBrokenPipeSignal() {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}

extension CurlError {
    /// libcurl's words for the code, which quote nothing.
    fileprivate init(_ code: CURLcode, isOverflowing: Bool) {
        if isOverflowing || code == CURLE_FILESIZE_EXCEEDED {
            self.init(.answerTooLarge, "The answer is longer than allowed")
        } else {
            self.init(Self.kind(of: code), unsafe String(cString: curl_easy_strerror(code)))
        }
    }

    private static func kind(of code: CURLcode) -> Code {
        switch code {
        case CURLE_OPERATION_TIMEDOUT: .timeout
        case CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_PROXY: .connectFailed
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_ENGINE_INITFAILED:
            .tlsFailed
        case CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE: .connectionLost
        case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT: .invalidRequest
        case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT: .outOfResources
        default: .protocolError
        }
    }
}

extension Duration {
    /// In milliseconds, from 1 (curl takes 0 for "for ever") to some 24 days.
    fileprivate var milliseconds: Int {
        let (seconds, attoseconds) = self.components
        let limit = Int64(Int32.max)
        guard seconds < limit / 1000 else { return Int(limit) }
        return Int(max(seconds * 1000 + attoseconds / 1_000_000_000_000_000, 1))
    }
}
