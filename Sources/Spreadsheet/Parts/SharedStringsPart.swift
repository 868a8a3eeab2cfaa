/// `xl/sharedStrings.xml`: texts that cells refer to by number. Short ones are kept as one piece of memory, so that a million of
/// them cost what they are long; long ones are kept as they are handed out, so that a million cells of one cost no more than it.
final class SharedStringsPart: PartReader {
    private static let maximumCount = 2_000_000
    /// Bytes of a text that is copied for each cell.
    private static let short = 64

    private let limit: Int
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private var long: [Int: String] = [:]
    private var total = 0
    private var buffer = TextBuffer()
    private var isInText = false
    /// Inside the reading aid of Asian texts, which is no part of the text.
    private var isInPhonetic = false

    /// - Parameter limit: bytes of all texts together
    init(limit: Int) {
        self.limit = limit
    }

    func start(_ name: String, _ attributes: XMLAttributes) throws(SpreadsheetError) {
        switch name {
        case "si": self.buffer.clear()
        case "rPh": self.isInPhonetic = true
        case "t": self.isInText = !self.isInPhonetic
        default: break
        }
    }

    func text(_ bytes: UnsafeBufferPointer<UInt8>) throws(SpreadsheetError) {
        if self.isInText { try unsafe self.buffer.append(bytes) }
    }

    func end(_ name: String) throws(SpreadsheetError) {
        switch name {
        case "t":
            self.isInText = false
        case "rPh":
            self.isInPhonetic = false
        case "si":
            self.total += self.buffer.bytes.count
            guard self.ends.count < Self.maximumCount, self.total <= self.limit else {
                throw SpreadsheetError(.tooLarge, "its cells' texts are longer than is read")
            }
            self.keep(self.buffer.decoded)
        default:
            break
        }
    }

    /// Once for all cells that have it.
    private func keep(_ text: String) {
        if text.allSatisfy(\.isWhitespace) {
            // As good as empty.
        } else if text.utf8.count > Self.short {
            self.long[self.ends.count] = text
        } else {
            self.bytes.append(contentsOf: text.utf8)
        }
        self.ends.append(self.bytes.count)
    }

    /// A text, which is empty if it is nothing but spaces; nil if there is none of this number.
    subscript(index: Int) -> String? {
        guard self.ends.indices.contains(index) else { return nil }
        if let text = self.long[index] { return text }
        let start = index == 0 ? 0 : self.ends[index - 1]
        return String(decoding: self.bytes[start..<self.ends[index]], as: UTF8.self)
    }
}
