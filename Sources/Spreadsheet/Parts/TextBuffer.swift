/// Gathers the characters of an element, up to what a cell may hold.
struct TextBuffer {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ more: UnsafeBufferPointer<UInt8>) throws(SpreadsheetError) {
        // A character has four bytes at most.
        guard self.bytes.count + more.count <= SheetLimits.cellCharacters * 4 else {
            throw SpreadsheetError(.tooLarge, "a cell's text is longer than a cell")
        }
        unsafe self.bytes.append(contentsOf: more)
    }

    mutating func clear() { self.bytes.removeAll(keepingCapacity: true) }

    /// expat has seen to it that it is UTF-8.
    var text: String { String(decoding: self.bytes, as: UTF8.self) }

    /// The text without Excel's escapes.
    var decoded: String { String(decoding: EscapedText.decode(self.bytes), as: UTF8.self) }
}

extension PartReader {
    func end(_ name: String) throws(SpreadsheetError) {}
    func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(SpreadsheetError) {}
}
