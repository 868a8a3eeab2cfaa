/// PostgreSQL's two forms of an array: the text that is sent and the binary form that is read.
enum ArrayLiteral {
    /// `{"a","b\"c",NULL}`: every element quoted, so that none needs to be looked at for its meaning.
    static func text(_ elements: [String?]) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        for (index, element) in elements.enumerated() {
            if index > 0 {
                bytes.append(UInt8(ascii: ","))
            }
            guard let element else {
                bytes.append(contentsOf: "NULL".utf8)
                continue
            }
            bytes.append(UInt8(ascii: "\""))
            for byte in element.utf8 {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                    bytes.append(UInt8(ascii: "\\"))
                }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The elements of an array in binary form; nil is NULL.
    ///
    /// The form (array_send in PostgreSQL): dimensions, a flag for NULLs, the element type, then size and lower bound of each
    /// dimension, then each element as its length (-1 for NULL) and its bytes.
    static func elements(of cell: PostgresCell) throws(PostgresError) -> [PostgresCell?] {
        // a user's type is no array as far as can be told from its id, so the header decides
        guard self.isArray(cell.type) || cell.type.isUserDefined else { throw cell.refusal("it is \(cell.type), not an array") }
        guard let dimensions = cell.integer(at: 0, as: Int32.self), let oid = cell.integer(at: 8, as: UInt32.self) else {
            throw cell.refusal("its array is cut short")
        }
        guard dimensions != 0 else { return [] }
        guard dimensions == 1 else { throw cell.refusal("its array has \(dimensions) dimensions, only one can be read") }
        guard let count = cell.integer(at: 12, as: Int32.self), count >= 0 else { throw cell.refusal("its array is cut short") }
        var elements: [PostgresCell?] = []
        var offset = 20
        for _ in 0..<count {
            guard let length = cell.integer(at: offset, as: Int32.self) else { throw cell.refusal("its array is cut short") }
            offset += 4
            guard length >= 0 else {
                elements.append(nil)
                continue
            }
            let end = offset + Int(length)
            guard end <= cell.count else { throw cell.refusal("its array is cut short") }
            elements.append(cell.element(offset..<end, type: PostgresType(rawValue: oid)))
            offset = end
        }
        return elements
    }

    private static func isArray(_ type: PostgresType) -> Bool {
        switch type {
        case .boolArray, .int2Array, .int4Array, .int8Array, .textArray, .varcharArray, .float8Array, .dateArray, .timeArray,
            .timestamptzArray, .numericArray, .uuidArray, .jsonbArray:
            true
        default:
            false
        }
    }
}
