import CZlib
public import NIOCore

// zlib's pointers live in this file alone: one stream each, on the heap, since zlib remembers the stream's address.

/// Raw INFLATE of whole messages without context takeover (RFC 7692 7.2.2), with a cap on what comes out.
///
/// One of these serves all connections of an event loop: nothing outlives a message. Not to be shared between threads.
@safe
public struct Inflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private var isReady = false

    /// Allocates nothing of zlib's yet: that comes with the first message.
    public init() {
        unsafe self.stream = .allocate(capacity: 1)
        unsafe self.stream.initialize(to: z_stream())
    }

    deinit {
        if self.isReady { _ = unsafe inflateEnd(self.stream) }
        unsafe self.stream.deinitialize(count: 1)
        unsafe self.stream.deallocate()
    }

    /// The message that `payload` is the compressed form of.
    ///
    /// Blocks with BFINAL may occur anywhere (RFC 7692 7.2.3.4); those after one may refer to the bytes before it.
    ///
    /// - Parameters:
    ///   - payload: The payloads of all the message's frames, without the `00 00 ff ff` that the sender left out.
    ///   - limit: Most bytes to produce; no more than that are ever allocated.
    /// - Throws: `malformedDeflate` or `messageTooBig`.
    public mutating func inflate(_ payload: ByteBuffer, limit: Int) throws(WebSocketError) -> ByteBuffer {
        try self.prepare()
        var output = ByteBuffer()
        output.reserveCapacity(min(limit, max(256, payload.readableBytes * 4)))
        if try self.feed(payload, to: &output, limit: limit) == .endedExactly { return output }
        if try self.feed(Self.tail, to: &output, limit: limit) == .endedExactly { return output }
        // Every stored block of length 0 ends on a byte's and on a block's boundary: anything else was cut off.
        guard unsafe self.stream.pointee.data_type & 0xFF == 128 else { throw Self.malformed("incomplete") }
        return output
    }

    private enum Progress { case wantsMore, endedExactly }

    private static let tail = ByteBuffer(bytes: [0x00, 0x00, 0xFF, 0xFF])

    private static func malformed(_ context: String) -> WebSocketError {
        WebSocketError(.malformedDeflate, "Not a DEFLATE message", context: context)
    }

    private mutating func prepare() throws(WebSocketError) {
        if self.isReady {
            _ = unsafe inflateReset(self.stream)
            return
        }
        let size = unsafe CInt(MemoryLayout<z_stream>.size)
        guard unsafe inflateInit2_(self.stream, -15, ZLIB_VERSION, size) == Z_OK else {
            throw WebSocketError(.compressorUnavailable, "zlib could not allocate")
        }
        self.isReady = true
    }

    /// Runs all of `input` through zlib.
    private mutating func feed(
        _ input: ByteBuffer,
        to output: inout ByteBuffer,
        limit: Int
    ) throws(WebSocketError) -> Progress {
        let stream = unsafe self.stream
        let result: Result<Progress, WebSocketError> = unsafe input.withUnsafeReadableBytes { bytes in
            // zlib does not write through next_in: its type only lacks the const.
            unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(
                mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            )
            unsafe stream.pointee.avail_in = uInt(bytes.count)
            while true {
                var code = Z_OK
                let room = limit - output.readableBytes
                if room > 0 {
                    let chunk = min(room, max(256, output.writableBytes, output.readableBytes))
                    unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: chunk) { target in
                        let offered = min(room, target.count)
                        unsafe stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
                        unsafe stream.pointee.avail_out = uInt(offered)
                        code = unsafe CZlib.inflate(stream, Z_SYNC_FLUSH)
                        return offered - Int(unsafe stream.pointee.avail_out)
                    }
                } else {
                    // The limit is reached: one byte more, and it is exceeded. zlib also needs room to see a block's end.
                    var excess: UInt8 = 0
                    let produced = unsafe withUnsafeMutablePointer(to: &excess) { target in
                        unsafe stream.pointee.next_out = target
                        unsafe stream.pointee.avail_out = 1
                        code = unsafe CZlib.inflate(stream, Z_SYNC_FLUSH)
                        return unsafe stream.pointee.avail_out == 0
                    }
                    if produced {
                        return .failure(WebSocketError(.messageTooBig, "Message exceeds its limit when inflated"))
                    }
                }
                let rest = unsafe stream.pointee.avail_in
                switch code {
                case Z_STREAM_END:
                    // Another DEFLATE stream of the same message may follow: reset, but keep the window.
                    _ = unsafe inflateResetKeep(stream)
                    if rest == 0 { return .success(.endedExactly) }
                case Z_OK, Z_BUF_ERROR:
                    if rest == 0, unsafe stream.pointee.avail_out > 0 { return .success(.wantsMore) }
                    if code == Z_BUF_ERROR, unsafe stream.pointee.avail_out > 0 {
                        return .failure(Self.malformed("no progress"))
                    }
                default:
                    return .failure(Self.malformed("zlib \(code)"))
                }
            }
        }
        return try result.get()
    }
}

/// Raw DEFLATE of whole messages without context takeover (RFC 7692 7.2.1). Not to be shared between threads.
@safe
public struct Deflater: ~Copyable, @unchecked Sendable {  // owns its stream alone; may move between threads, as in a Mutex
    private let stream: UnsafeMutablePointer<z_stream>
    private var isReady = false
    private let windowBits: CInt

    /// Allocates nothing of zlib's yet: that comes with the first message (about 256 KiB at 15 bits).
    ///
    /// - Parameter windowBits: 9-15, the base-2 logarithm of the window in bytes.
    public init(windowBits: Int) {
        precondition((9...15).contains(windowBits), "zlib makes raw DEFLATE with 9 to 15 window bits")
        self.windowBits = CInt(windowBits)
        unsafe self.stream = .allocate(capacity: 1)
        unsafe self.stream.initialize(to: z_stream())
    }

    deinit {
        if self.isReady { _ = unsafe deflateEnd(self.stream) }
        unsafe self.stream.deinitialize(count: 1)
        unsafe self.stream.deallocate()
    }

    /// The compressed form of a whole message, without the trailing `00 00 ff ff`.
    /// - Throws: `compressorUnavailable`.
    public mutating func deflate(_ message: ByteBuffer) throws(WebSocketError) -> ByteBuffer {
        try self.prepare()
        let stream = unsafe self.stream
        var output = ByteBuffer()
        // The bound is for Z_FINISH; a sync flush adds its empty block of at most 5 bytes and a few bits.
        let bound = Int(unsafe deflateBound(stream, uLong(message.readableBytes))) + 16
        unsafe message.withUnsafeReadableBytes { bytes in
            unsafe stream.pointee.next_in = unsafe UnsafeMutablePointer(
                mutating: bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            )
            unsafe stream.pointee.avail_in = uInt(bytes.count)
            var isDone = false
            while !isDone {
                unsafe output.writeWithUnsafeMutableBytes(minimumWritableBytes: bound) { target in
                    unsafe stream.pointee.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    unsafe stream.pointee.avail_out = uInt(target.count)
                    _ = unsafe CZlib.deflate(stream, Z_SYNC_FLUSH)
                    isDone = unsafe stream.pointee.avail_out > 0
                    return target.count - Int(unsafe stream.pointee.avail_out)
                }
            }
        }
        output.moveWriterIndex(to: output.writerIndex - 4)
        return output
    }

    private mutating func prepare() throws(WebSocketError) {
        if self.isReady {
            _ = unsafe deflateReset(self.stream)
            return
        }
        let size = unsafe CInt(MemoryLayout<z_stream>.size)
        let code = unsafe deflateInit2_(
            self.stream,
            Z_DEFAULT_COMPRESSION,
            Z_DEFLATED,
            -self.windowBits,
            8,
            Z_DEFAULT_STRATEGY,
            ZLIB_VERSION,
            size
        )
        guard code == Z_OK else { throw WebSocketError(.compressorUnavailable, "zlib could not allocate") }
        self.isReady = true
    }
}
