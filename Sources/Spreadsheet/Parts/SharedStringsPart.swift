/// `xl/sharedStrings.xml`: texts that cells refer to by number. Kept as one piece of memory, so that a million of them cost
/// what they are long.
final class SharedStringsPart: PartReader {
    private static let maximumCount = 2_000_000

    private let limit: Int
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
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
            guard self.ends.count < Self.maximumCount, self.bytes.count + self.buffer.bytes.count <= self.limit else {
                throw SpreadsheetError(.tooLarge, "its cells' texts are longer than is read")
            }
            self.bytes.append(contentsOf: self.buffer.bytes)
            self.ends.append(self.bytes.count)
        default:
            break
        }
    }

    subscript(index: Int) -> String? {
        guard self.ends.indices.contains(index) else { return nil }
        let start = index == 0 ? 0 : self.ends[index - 1]
        return EscapedText.decode(String(decoding: self.bytes[start..<self.ends[index]], as: UTF8.self))
    }
}
