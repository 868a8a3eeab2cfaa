/// Builds JSON text piece by piece, with no value in between: for hot paths.
///
/// ```swift
/// var writer = JSONWriter()
/// writer.object {
///     $0.field("id", 5)
///     $0.array("tags") { $0.element("new") }
/// }
/// ```
///
/// The writer sees to commas, quotes and brackets. It does not look for repeated names, and exactly one value should be
/// written to it, since that is what a JSON text is.
public struct JSONWriter: ~Copyable {
    /// The text so far, UTF-8.
    public private(set) var bytes: [UInt8]

    /// - Parameter capacity: how many bytes to make room for at first.
    public init(capacity: Int = 256) {
        self.bytes = []
        self.bytes.reserveCapacity(capacity)
    }

    /// The text so far.
    public var text: String { String(decoding: self.bytes, as: UTF8.self) }

    /// Writes an object; the closure gives its members.
    public mutating func object<Failure: Error>(_ body: (inout Object) throws(Failure) -> Void) throws(Failure) {
        try Object.write(to: &self.bytes, body)
    }

    /// Writes an array; the closure gives its elements.
    public mutating func array<Failure: Error>(_ body: (inout Array) throws(Failure) -> Void) throws(Failure) {
        try Array.write(to: &self.bytes, body)
    }

    /// Writes a single value.
    public mutating func value(_ value: some JSONWritable) {
        value.writeJSON(to: &self.bytes)
    }
}

extension JSONWriter {
    /// An object that is open for members.
    public struct Object: ~Copyable {
        private var bytes: [UInt8]
        private var isEmpty = true

        private init(continuing bytes: consuming [UInt8]) {
            self.bytes = bytes
            self.bytes.append(UInt8(ascii: "{"))
        }

        static func write<Failure: Error>(
            to output: inout [UInt8],
            _ body: (inout Object) throws(Failure) -> Void
        ) throws(Failure) {
            // The bytes move into the scope and back, so they are never copied.
            var scope = Object(continuing: JSONWriter.take(&output))
            defer { swap(&output, &scope.bytes) }
            try body(&scope)
            scope.bytes.append(UInt8(ascii: "}"))
        }

        /// A member; nil is written as `null`.
        public mutating func field(_ name: String, _ value: some JSONWritable) {
            self.name(name)
            value.writeJSON(to: &self.bytes)
        }

        /// A member that is left out when it is nil.
        public mutating func field(_ name: String, ifPresent value: (some JSONWritable)?) {
            guard let value else { return }
            self.field(name, value)
        }

        /// A member whose value is JSON text already; the caller answers for its being one valid value.
        public mutating func field(_ name: String, rawJSON text: some Collection<UInt8>) {
            self.name(name)
            self.bytes.append(contentsOf: text)
        }

        /// A member that is an object.
        public mutating func object<Failure: Error>(
            _ name: String,
            _ body: (inout Object) throws(Failure) -> Void
        ) throws(Failure) {
            self.name(name)
            try Object.write(to: &self.bytes, body)
        }

        /// A member that is an array.
        public mutating func array<Failure: Error>(
            _ name: String,
            _ body: (inout Array) throws(Failure) -> Void
        ) throws(Failure) {
            self.name(name)
            try Array.write(to: &self.bytes, body)
        }

        private mutating func name(_ name: String) {
            if self.isEmpty { self.isEmpty = false } else { self.bytes.append(UInt8(ascii: ",")) }
            JSONText.appendQuoted(name, to: &self.bytes)
            self.bytes.append(UInt8(ascii: ":"))
        }
    }

    /// An array that is open for elements.
    public struct Array: ~Copyable {
        private var bytes: [UInt8]
        private var isEmpty = true

        private init(continuing bytes: consuming [UInt8]) {
            self.bytes = bytes
            self.bytes.append(UInt8(ascii: "["))
        }

        static func write<Failure: Error>(
            to output: inout [UInt8],
            _ body: (inout Array) throws(Failure) -> Void
        ) throws(Failure) {
            var scope = Array(continuing: JSONWriter.take(&output))
            defer { swap(&output, &scope.bytes) }
            try body(&scope)
            scope.bytes.append(UInt8(ascii: "]"))
        }

        /// An element; nil is written as `null`.
        public mutating func element(_ value: some JSONWritable) {
            self.separate()
            value.writeJSON(to: &self.bytes)
        }

        /// An element that is JSON text already; the caller answers for its being one valid value.
        public mutating func element(rawJSON text: some Collection<UInt8>) {
            self.separate()
            self.bytes.append(contentsOf: text)
        }

        /// An element that is an object.
        public mutating func object<Failure: Error>(_ body: (inout Object) throws(Failure) -> Void) throws(Failure) {
            self.separate()
            try Object.write(to: &self.bytes, body)
        }

        /// An element that is an array.
        public mutating func array<Failure: Error>(_ body: (inout Array) throws(Failure) -> Void) throws(Failure) {
            self.separate()
            try Array.write(to: &self.bytes, body)
        }

        private mutating func separate() {
            if self.isEmpty { self.isEmpty = false } else { self.bytes.append(UInt8(ascii: ",")) }
        }
    }

    /// Takes the bytes out, leaving nothing behind that would make them shared.
    private static func take(_ bytes: inout [UInt8]) -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &bytes)
        return taken
    }
}
