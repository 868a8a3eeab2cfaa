import CHiredis
import NIOCore

// The one file that touches hiredis: its reader, in one owner, and its command formatter.

/// Takes the bytes of one connection and gives its replies; the parser is hiredis's.
///
/// After an error the reader gives no more replies: the connection has to be closed.
@safe
struct RESPReader: ~Copyable {
    private let reader: UnsafeMutablePointer<redisReader>
    private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
    /// Kept alive here; hiredis knows it as `privdata`.
    private let builder: ReplyBuilder
    private let limits: RESPLimits
    /// Bytes fed since the last whole reply.
    private var pendingBytes = 0

    init(limits: RESPLimits) {
        let builder = ReplyBuilder(elementLimit: limits.elements)
        let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
        unsafe functions.initialize(to: ReplyBuilder.functions)
        guard let reader = unsafe redisReaderCreateWithFunctions(functions) else {
            preconditionFailure("Out of memory when making a RESP reader")
        }
        unsafe reader.pointee.privdata = Unmanaged.passUnretained(builder).toOpaque()
        unsafe self.reader = reader
        unsafe self.functions = functions
        self.builder = builder
        self.limits = limits
    }

    deinit {
        unsafe redisReaderFree(self.reader)
        unsafe self.functions.deallocate()
    }

    /// Takes what the socket brought.
    mutating func feed(_ bytes: ByteBuffer) throws(RedisError) {
        self.pendingBytes += bytes.readableBytes
        let status = unsafe bytes.withUnsafeReadableBytes { raw in
            unsafe redisReaderFeed(self.reader, raw.baseAddress?.assumingMemoryBound(to: CChar.self), raw.count)
        }
        guard status == REDIS_OK else { throw self.failure() }
    }

    /// The next whole reply, or nil when more bytes are needed.
    mutating func next() throws(RedisError) -> RESPValue? {
        var reply: UnsafeMutableRawPointer?
        guard unsafe redisReaderGetReply(self.reader, &reply) == REDIS_OK else { throw self.failure() }
        guard unsafe reply != nil, let value = self.builder.take() else {
            guard self.pendingBytes <= self.limits.replyBytes else {
                throw RedisError(.protocolError, "A reply of more than \(self.limits.replyBytes) bytes")
            }
            return nil
        }
        self.pendingBytes = unsafe self.reader.pointee.len - self.reader.pointee.pos
        return value
    }

    private func failure() -> RedisError {
        if self.builder.limitReached {
            return RedisError(.protocolError, "A reply of more than \(self.limits.elements) elements")
        }
        // hiredis ends the text with a NUL within its 128 bytes.
        let bytes = unsafe Swift.withUnsafeBytes(of: self.reader.pointee.errstr) { unsafe Array($0.prefix { $0 != 0 }) }
        return RedisError(.protocolError, String(decoding: bytes, as: UTF8.self))
    }
}

/// Puts the values hiredis finds together. Its callbacks come depth first and in order, so a stack of unfinished arrays is enough
/// and nothing is kept behind C pointers.
private final class ReplyBuilder {
    private var unfinished: [(missing: Int, values: [RESPValue])] = []
    private var root: RESPValue?
    private var elements = 0
    private let elementLimit: Int
    private(set) var limitReached = false

    init(elementLimit: Int) { self.elementLimit = elementLimit }

    func take() -> RESPValue? {
        defer {
            self.root = nil
            self.elements = 0
        }
        return self.root
    }

    private func add(_ value: RESPValue) {
        var value = value
        while var (missing, values) = self.unfinished.popLast() {
            values.append(value)
            missing -= 1
            guard missing == 0 else {
                self.unfinished.append((missing, values))
                return
            }
            value = .array(values)
        }
        self.root = value
    }

    /// False when there are too many of them.
    private func beginArray(count: Int) -> Bool {
        guard count <= self.elementLimit - self.elements else {
            self.limitReached = true
            return false
        }
        self.elements += count
        if count == 0 {
            self.add(.array([]))
        } else {
            self.unfinished.append((count, []))
        }
        return true
    }

    /// The callbacks return any pointer that isn't NULL for "go on" (the task's own is at hand), NULL for "give up".
    static var functions: redisReplyObjectFunctions {
        unsafe redisReplyObjectFunctions(
            createString: { task, text, count in
                guard let builder = unsafe ReplyBuilder.of(task), let task = unsafe task else { return nil }
                let bytes = unsafe UnsafeRawBufferPointer(start: text, count: count)
                switch unsafe task.pointee.type {
                case REDIS_REPLY_STATUS: builder.add(.simple(unsafe String(decoding: bytes, as: UTF8.self)))
                case REDIS_REPLY_ERROR: builder.add(.error(unsafe String(decoding: bytes, as: UTF8.self)))
                default: builder.add(.bulk(unsafe ByteBuffer(bytes: bytes)))
                }
                return unsafe UnsafeMutableRawPointer(mutating: task)
            },
            createArray: { task, count in
                guard let builder = unsafe ReplyBuilder.of(task), builder.beginArray(count: Int(count)) else { return nil }
                return unsafe UnsafeMutableRawPointer(mutating: task)
            },
            createInteger: { task, number in
                guard let builder = unsafe ReplyBuilder.of(task) else { return nil }
                builder.add(.integer(number))
                return unsafe UnsafeMutableRawPointer(mutating: task)
            },
            createNil: { task in
                guard let builder = unsafe ReplyBuilder.of(task) else { return nil }
                builder.add(.null)
                return unsafe UnsafeMutableRawPointer(mutating: task)
            },
            freeObject: nil
        )
    }

    private static func of(_ task: UnsafePointer<redisReadTask>?) -> ReplyBuilder? {
        guard let context = unsafe task?.pointee.privdata else { return nil }
        return unsafe Unmanaged<ReplyBuilder>.fromOpaque(context).takeUnretainedValue()
    }
}

/// Commands as RESP arrays of bulk strings; the formatter is hiredis's.
enum RESPCommand {
    /// Redis refuses more; hiredis counts the whole in an `Int32`.
    private static let sizeLimit = 512 << 20

    static func encode(_ arguments: [RedisArgument]) throws(RedisError) -> ByteBuffer {
        precondition(!arguments.isEmpty, "A Redis command has at least its name")
        var bytes: [UInt8] = []
        var lengths: [Int] = []
        lengths.reserveCapacity(arguments.count)
        for argument in arguments {
            let start = bytes.count
            argument.append(to: &bytes)
            lengths.append(bytes.count - start)
        }
        guard bytes.count + 16 * arguments.count <= self.sizeLimit else {
            throw RedisError(.commandTooLarge, "A command of \(bytes.count) bytes")
        }
        // One more, so that there is an address to point at when every argument is empty.
        bytes.append(0)

        var encoded: ByteBuffer?
        unsafe bytes.withUnsafeBytes { raw in
            var start = 0
            var pointers: [UnsafePointer<CChar>?] = unsafe []
            for length in lengths {
                unsafe pointers.append(raw.baseAddress?.advanced(by: start).assumingMemoryBound(to: CChar.self))
                start += length
            }
            var command: UnsafeMutablePointer<CChar>?
            let count = unsafe redisFormatCommandArgv(&command, Int32(lengths.count), &pointers, lengths)
            guard let text = unsafe command, count > 0 else { return }
            unsafe encoded = ByteBuffer(bytes: UnsafeRawBufferPointer(start: text, count: Int(count)))
            unsafe redisFreeCommand(text)
        }
        guard let encoded else { throw RedisError(.commandTooLarge, "hiredis could not format the command") }
        return encoded
    }
}
