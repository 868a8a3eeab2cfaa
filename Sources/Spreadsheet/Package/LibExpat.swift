import CExpat

// The one file that touches expat's pointers. Each has one owner here that frees it, and none leaves the file.

/// What reads a part's elements. Names come without their namespaces' prefixes.
protocol PartReader: AnyObject {
    func start(_ name: String, _ attributes: XMLAttributes) throws(SpreadsheetError)
    func end(_ name: String) throws(SpreadsheetError)
    func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(SpreadsheetError)
}

/// An element's attributes, while it is being read.
@safe
struct XMLAttributes {
    fileprivate let pairs: UnsafeMutablePointer<UnsafePointer<CChar>?>?

    /// The value of the first attribute of this name, whatever its prefix.
    subscript(name: String) -> String? {
        guard var pair = unsafe self.pairs else { return nil }
        while let key = unsafe pair[0], let value = unsafe pair[1] {
            if unsafe XMLStream.localName(key) == name { return unsafe String(cString: value) }
            unsafe pair += 2
        }
        return nil
    }
}

/// Reads XML as it comes and hands its elements on. Refuses what no workbook needs and attackers do: a DOCTYPE, and with it
/// every entity, internal or external. Not Sendable.
@safe
final class XMLStream {
    /// Elements inside one another.
    private static let maximumDepth = 64
    /// Bytes of one tag, with its attributes: expat keeps it whole.
    private static let maximumTag = 1 << 20

    private let pointer: XML_Parser
    private let reader: any PartReader
    private var depth = 0
    private var failure: SpreadsheetError?
    private var fed = 0

    init(_ reader: any PartReader) throws(SpreadsheetError) {
        guard let pointer = unsafe XML_ParserCreate(nil) else {
            throw SpreadsheetError(.outOfResources, "no memory is left for XML")
        }
        unsafe self.pointer = pointer
        self.reader = reader
        // The parser calls back only while `parse` runs, and then this object is there.
        unsafe XML_SetUserData(pointer, Unmanaged.passUnretained(self).toOpaque())
        unsafe XML_SetElementHandler(
            pointer,
            { context, name, pairs in
                guard let stream = unsafe XMLStream.of(context), let name = unsafe name else { return }
                unsafe stream.start(name, XMLAttributes(pairs: pairs))
            },
            { context, name in
                guard let stream = unsafe XMLStream.of(context), let name = unsafe name else { return }
                unsafe stream.end(name)
            }
        )
        unsafe XML_SetCharacterDataHandler(pointer) { context, bytes, count in
            guard let stream = unsafe XMLStream.of(context), let bytes = unsafe bytes else { return }
            let text = unsafe UnsafeBufferPointer(
                start: UnsafeRawPointer(bytes).assumingMemoryBound(to: UInt8.self),
                count: Int(count)
            )
            unsafe stream.text(text)
        }
        unsafe XML_SetStartDoctypeDeclHandler(pointer) { context, _, _, _, _ in
            unsafe XMLStream.of(context)?.refuse(SpreadsheetError(.entities, "its XML declares a document type"))
        }
        unsafe XML_SetEntityDeclHandler(pointer) { context, _, _, _, _, _, _, _, _ in
            unsafe XMLStream.of(context)?.refuse(SpreadsheetError(.entities, "its XML declares an entity"))
        }
    }

    deinit {
        unsafe XML_ParserFree(self.pointer)
    }

    /// Reads on.
    ///
    /// - Parameters:
    ///   - bytes: what comes next
    ///   - isLast: whether nothing comes behind it
    /// - Throws: what the reader throws, or `.broken`
    func parse(_ bytes: ArraySlice<UInt8>, isLast: Bool) throws(SpreadsheetError) {
        let status = unsafe bytes.withUnsafeBytes { bytes in
            unsafe XML_Parse(
                self.pointer,
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(bytes.count),
                isLast ? 1 : 0
            )
        }
        if let failure { throw failure }
        guard status == XML_STATUS_OK else {
            let reason = unsafe XML_ErrorString(XML_GetErrorCode(self.pointer)).map { unsafe String(cString: $0) } ?? "?"
            throw SpreadsheetError(.broken, "its XML is damaged: \(reason)")
        }
        self.fed += bytes.count
        let waiting = self.fed - Int(unsafe XML_GetCurrentByteIndex(self.pointer))
        guard waiting <= Self.maximumTag + bytes.count else { throw SpreadsheetError(.hostile, "a tag of its XML has no end") }
    }

    // MARK: expat's calls

    private static func of(_ context: UnsafeMutableRawPointer?) -> XMLStream? {
        unsafe context.map { unsafe Unmanaged<XMLStream>.fromOpaque($0).takeUnretainedValue() }
    }

    /// A name without its prefix.
    fileprivate static func localName(_ name: UnsafePointer<CChar>) -> String {
        var (start, end) = unsafe (name, name)
        while unsafe end.pointee != 0 {
            if unsafe end.pointee == CChar(bitPattern: UInt8(ascii: ":")) { unsafe start = end + 1 }
            unsafe end += 1
        }
        return unsafe String(cString: start)
    }

    private func refuse(_ error: SpreadsheetError) {
        guard self.failure == nil else { return }
        self.failure = error
        unsafe _ = XML_StopParser(self.pointer, 0)
    }

    private func start(_ name: UnsafePointer<CChar>, _ attributes: XMLAttributes) {
        guard self.failure == nil else { return }
        self.depth += 1
        guard self.depth <= Self.maximumDepth else {
            return self.refuse(SpreadsheetError(.hostile, "its XML nests too deep"))
        }
        do throws(SpreadsheetError) {
            try self.reader.start(unsafe Self.localName(name), attributes)
        } catch {
            self.refuse(error)
        }
    }

    private func end(_ name: UnsafePointer<CChar>) {
        guard self.failure == nil else { return }
        self.depth -= 1
        do throws(SpreadsheetError) {
            try self.reader.end(unsafe Self.localName(name))
        } catch {
            self.refuse(error)
        }
    }

    private func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard self.failure == nil else { return }
        do throws(SpreadsheetError) {
            try unsafe self.reader.text(bytes)
        } catch {
            self.refuse(error)
        }
    }
}
