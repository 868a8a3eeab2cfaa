/// One reading of one text. The bytes are passed along rather than kept: a span may not outlive its owner.
struct JSONParser {
    private let limits: JSONLimits
    private var position = 0
    private var depth = 0
    /// Where strings with escapes are put together.
    private var scratch: [UInt8] = []

    static func parse(_ bytes: Span<UInt8>, limits: JSONLimits) throws(JSONError) -> JSONValue {
        guard bytes.count <= limits.maxBytes else {
            throw JSONError(
                code: .tooLarge,
                offset: limits.maxBytes,
                message: "the text is longer than \(limits.maxBytes) bytes"
            )
        }
        var parser = JSONParser(limits: limits)
        parser.skipSpace(bytes)
        let value = try parser.value(bytes)
        parser.skipSpace(bytes)
        guard parser.position == bytes.count else {
            throw parser.error(.trailingBytes, "the value is followed by something else")
        }
        return value
    }

    private init(limits: JSONLimits) {
        self.limits = limits
    }

    // MARK: values

    private mutating func value(_ bytes: Span<UInt8>) throws(JSONError) -> JSONValue {
        guard self.position < bytes.count else { throw self.end() }
        switch bytes[self.position] {
        case UInt8(ascii: "\""): return .string(try self.string(bytes))
        case UInt8(ascii: "{"): return .object(try self.object(bytes))
        case UInt8(ascii: "["): return .array(try self.array(bytes))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try self.number(bytes))
        case UInt8(ascii: "t"):
            try self.word("true", bytes)
            return .bool(true)
        case UInt8(ascii: "f"):
            try self.word("false", bytes)
            return .bool(false)
        case UInt8(ascii: "n"):
            try self.word("null", bytes)
            return .null
        default: throw self.error(.unexpectedByte, "a value was expected")
        }
    }

    private mutating func object(_ bytes: Span<UInt8>) throws(JSONError) -> JSONObject {
        try self.open()
        var object = JSONObject()
        self.skipSpace(bytes)
        if self.take(UInt8(ascii: "}"), bytes) {
            self.depth -= 1
            return object
        }
        while true {
            guard self.position < bytes.count else { throw self.end() }
            guard bytes[self.position] == UInt8(ascii: "\"") else {
                throw self.error(.unexpectedByte, "a member's name was expected")
            }
            let key = try self.string(bytes)
            self.skipSpace(bytes)
            guard self.take(UInt8(ascii: ":"), bytes) else { throw self.missing("a colon", bytes) }
            self.skipSpace(bytes)
            object[key] = try self.value(bytes)
            self.skipSpace(bytes)
            if self.take(UInt8(ascii: ","), bytes) {
                self.skipSpace(bytes)
            } else if self.take(UInt8(ascii: "}"), bytes) {
                self.depth -= 1
                return object
            } else {
                throw self.missing("a comma or a closing brace", bytes)
            }
        }
    }

    private mutating func array(_ bytes: Span<UInt8>) throws(JSONError) -> [JSONValue] {
        try self.open()
        var elements: [JSONValue] = []
        self.skipSpace(bytes)
        if self.take(UInt8(ascii: "]"), bytes) {
            self.depth -= 1
            return elements
        }
        while true {
            elements.append(try self.value(bytes))
            self.skipSpace(bytes)
            if self.take(UInt8(ascii: ","), bytes) {
                self.skipSpace(bytes)
            } else if self.take(UInt8(ascii: "]"), bytes) {
                self.depth -= 1
                return elements
            } else {
                throw self.missing("a comma or a closing bracket", bytes)
            }
        }
    }

    private mutating func number(_ bytes: Span<UInt8>) throws(JSONError) -> JSONNumber {
        let start = self.position
        var scanner = JSONNumberScanner()
        while self.position < bytes.count, scanner.accept(bytes[self.position]) { self.position += 1 }
        guard scanner.isComplete else {
            guard self.position < bytes.count else { throw self.end() }
            throw self.error(.invalidNumber, "the number is not written as JSON writes them")
        }
        // A figure straight after a whole number text can only be one after a leading zero.
        if self.position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[self.position]) {
            throw self.error(.invalidNumber, "a number may not begin with a needless zero")
        }
        return JSONNumber(scanned: try self.text(bytes.extracting(start..<self.position), from: start))
    }

    private mutating func word(_ word: StaticString, _ bytes: Span<UInt8>) throws(JSONError) {
        for expected in String(describing: word).utf8 {
            guard self.position < bytes.count else { throw self.end() }
            guard bytes[self.position] == expected else { throw self.error(.unexpectedByte, "a value was expected") }
            self.position += 1
        }
    }

    // MARK: strings

    private mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> String {
        self.position += 1
        let start = self.position
        self.skipPlain(bytes)
        guard self.position < bytes.count else { throw self.end() }
        if bytes[self.position] == UInt8(ascii: "\"") {
            let result = try self.text(bytes.extracting(start..<self.position), from: start)
            self.position += 1
            return result
        }
        return try self.escapedString(bytes, from: start)
    }

    /// Goes on to the next quote, backslash or control character.
    private mutating func skipPlain(_ bytes: Span<UInt8>) {
        var position = self.position
        let count = bytes.count
        while position < count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { break }
            position += 1
        }
        self.position = position
    }

    private mutating func escapedString(_ bytes: Span<UInt8>, from start: Int) throws(JSONError) -> String {
        self.scratch.removeAll(keepingCapacity: true)
        var plain = start
        while true {
            for position in plain..<self.position { self.scratch.append(bytes[position]) }
            guard self.position < bytes.count else { throw self.end() }
            switch bytes[self.position] {
            case UInt8(ascii: "\""):
                let result = try self.text(self.scratch.span, from: start)
                self.position += 1
                return result
            case UInt8(ascii: "\\"):
                self.position += 1
                try self.escape(bytes)
            default:
                throw self.error(.controlCharacter, "a control character in a string must be escaped")
            }
            plain = self.position
            self.skipPlain(bytes)
        }
    }

    private mutating func escape(_ bytes: Span<UInt8>) throws(JSONError) {
        guard self.position < bytes.count else { throw self.end() }
        let byte: UInt8
        switch bytes[self.position] {
        case UInt8(ascii: "\""): byte = UInt8(ascii: "\"")
        case UInt8(ascii: "\\"): byte = UInt8(ascii: "\\")
        case UInt8(ascii: "/"): byte = UInt8(ascii: "/")
        case UInt8(ascii: "b"): byte = 0x08
        case UInt8(ascii: "f"): byte = 0x0C
        case UInt8(ascii: "n"): byte = 0x0A
        case UInt8(ascii: "r"): byte = 0x0D
        case UInt8(ascii: "t"): byte = 0x09
        case UInt8(ascii: "u"):
            self.position += 1
            try self.unicodeEscape(bytes)
            return
        default: throw self.error(.invalidEscape, "there is no such escape")
        }
        self.position += 1
        self.scratch.append(byte)
    }

    private mutating func unicodeEscape(_ bytes: Span<UInt8>) throws(JSONError) {
        let start = self.position - 2
        let first = try self.fourHexDigits(bytes)
        var scalar = first
        switch first {
        case 0xD800...0xDBFF:
            guard self.take(UInt8(ascii: "\\"), bytes), self.take(UInt8(ascii: "u"), bytes) else {
                if self.position == bytes.count { throw self.end() }
                throw self.loneSurrogate(at: start)
            }
            let second = try self.fourHexDigits(bytes)
            guard (0xDC00...0xDFFF).contains(second) else { throw self.loneSurrogate(at: start) }
            scalar = 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
        case 0xDC00...0xDFFF:
            throw self.loneSurrogate(at: start)
        default:
            break
        }
        guard let scalar = Unicode.Scalar(scalar) else { throw self.loneSurrogate(at: start) }
        self.scratch.append(contentsOf: scalar.utf8)
    }

    private mutating func fourHexDigits(_ bytes: Span<UInt8>) throws(JSONError) -> UInt32 {
        var result: UInt32 = 0
        for _ in 0..<4 {
            guard self.position < bytes.count else { throw self.end() }
            let byte = bytes[self.position]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw self.error(.invalidEscape, "\\u wants four hexadecimal digits")
            }
            result = result << 4 | UInt32(digit)
            self.position += 1
        }
        return result
    }

    /// Text out of bytes that must be UTF-8; `start` says where they were for the error.
    private func text(_ bytes: Span<UInt8>, from start: Int) throws(JSONError) -> String {
        do {
            return String(copying: try UTF8Span(validating: bytes))
        } catch {
            throw JSONError(code: .invalidUTF8, offset: start, message: "the string is not UTF-8")
        }
    }

    // MARK: small steps

    private mutating func open() throws(JSONError) {
        guard self.depth < self.limits.maxDepth else {
            throw self.error(.tooDeep, "more than \(self.limits.maxDepth) arrays and objects within each other")
        }
        self.depth += 1
        self.position += 1
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while self.position < bytes.count {
            switch bytes[self.position] {
            case 0x20, 0x09, 0x0A, 0x0D: self.position += 1
            default: return
            }
        }
    }

    private mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        guard self.position < bytes.count, bytes[self.position] == byte else { return false }
        self.position += 1
        return true
    }

    // MARK: errors

    private func error(_ code: JSONError.Code, _ message: String) -> JSONError {
        JSONError(code: code, offset: self.position, message: message)
    }

    private func end() -> JSONError { self.error(.unexpectedEnd, "the text ends too early") }

    private func missing(_ what: String, _ bytes: Span<UInt8>) -> JSONError {
        self.position < bytes.count ? self.error(.unexpectedByte, "\(what) was expected") : self.end()
    }

    private func loneSurrogate(at offset: Int) -> JSONError {
        JSONError(code: .loneSurrogate, offset: offset, message: "half of a surrogate pair stands alone")
    }
}
