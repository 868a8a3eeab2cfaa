/// Makes ZIP archives whose files are stored as they are.
struct ZipMaker {
    private var bytes: [UInt8] = []
    private var directory: [UInt8] = []
    private var count: UInt16 = 0

    mutating func add(_ name: String, _ text: String, flags: UInt16 = 0, declaredSize: Int? = nil) {
        let (name, content) = (Array(name.utf8), Array(text.utf8))
        let offset = self.bytes.count
        var header = Self.little(20 as UInt16) + Self.little(flags) + Self.little(0 as UInt16)
        header += Self.little(0 as UInt32) + Self.little(Self.checksum(content))
        header += Self.little(UInt32(content.count)) + Self.little(UInt32(declaredSize ?? content.count))
        header += Self.little(UInt16(name.count)) + Self.little(0 as UInt16)
        self.bytes += Array("PK\u{03}\u{04}".utf8) + header + name + content
        self.directory += Array("PK\u{01}\u{02}".utf8) + Self.little(20 as UInt16) + header
        self.directory +=
            Self.little(0 as UInt16) + Self.little(0 as UInt16) + Self.little(0 as UInt16) + Self.little(0 as UInt32)
        self.directory += Self.little(UInt32(offset)) + name
        self.count += 1
    }

    var archive: [UInt8] {
        let end = Array("PK\u{05}\u{06}".utf8) + Self.little(0 as UInt32) + Self.little(self.count) + Self.little(self.count)
        return self.bytes + self.directory + end + Self.little(UInt32(self.directory.count))
            + Self.little(UInt32(self.bytes.count))
            + Self.little(0 as UInt16)
    }

    private static func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
        (0..<Value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// CRC-32.
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { value, byte in
            (0..<8).reduce(value ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
        }
    }
}

/// A workbook written by hand, with whatever parts a test wants otherwise.
struct HandMade {
    static let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    static let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    static let sheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"

    var contentTypes = """
        <Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\
        <Override PartName="/xl/workbook.xml" ContentType="\(sheetType)"/></Types>
        """
    var root = """
        <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">\
        <Relationship Id="rId1" Type="\(office)/officeDocument" Target="xl/workbook.xml"/></Relationships>
        """
    var workbook =
        #"<workbook xmlns="\#(main)" xmlns:r="\#(office)"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>"#
    var relationships = """
        <Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">\
        <Relationship Id="rId1" Type="\(office)/worksheet" Target="worksheets/sheet1.xml"/>\
        <Relationship Id="rId2" Type="\(office)/worksheet" Target="/xl/worksheets/sheet2.xml"/>\
        <Relationship Id="rId3" Type="\(office)/styles" Target="styles.xml"/>\
        <Relationship Id="rId4" Type="\(office)/sharedStrings" Target="sharedStrings.xml"/></Relationships>
        """
    var styles: String?
    var strings: String?
    var sheet: String
    var second: String?
    var more: [(name: String, text: String)] = []

    /// - Parameters:
    ///   - rows: what stands inside `sheetData`
    ///   - tail: what stands behind it
    init(rows: String, tail: String = "") {
        self.sheet = Self.sheet(rows, tail)
    }

    static func sheet(_ rows: String, _ tail: String = "") -> String {
        #"<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="\#(self.main)"><sheetData>\#(rows)</sheetData>\#(tail)</worksheet>"#
    }

    var bytes: [UInt8] {
        var zip = ZipMaker()
        zip.add("[Content_Types].xml", self.contentTypes)
        zip.add("_rels/.rels", self.root)
        zip.add("xl/workbook.xml", self.workbook)
        zip.add("xl/_rels/workbook.xml.rels", self.relationships)
        if let styles { zip.add("xl/styles.xml", styles) }
        if let strings { zip.add("xl/sharedStrings.xml", strings) }
        zip.add("xl/worksheets/sheet1.xml", self.sheet)
        if let second { zip.add("xl/worksheets/sheet2.xml", second) }
        for part in self.more { zip.add(part.name, part.text) }
        return zip.archive
    }
}
