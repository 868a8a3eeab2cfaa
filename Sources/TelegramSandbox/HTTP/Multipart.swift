import JSON

/// `multipart/form-data` (RFC 7578); files are passed over.
enum Multipart {
    private static let limit = 100

    /// The boundary that a Content-Type names.
    static func boundary(_ contentType: String) -> String? {
        for part in contentType.split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].trimmed.lowercased() == "boundary" else { continue }
            let value = pair[1].trimmed
            return value.hasPrefix("\"") && value.hasSuffix("\"") && value.count > 2
                ? String(value.dropFirst().dropLast()) : value
        }
        return nil
    }

    /// The fields; nil for what is no multipart body.
    static func parse(_ body: [UInt8], boundary: String) -> JSONObject? {
        let delimiter = Array("--\(boundary)".utf8)
        guard (1...70).contains(boundary.utf8.count), body.starts(with: delimiter) else { return nil }
        var result: JSONObject = [:]
        var rest = body[...].dropFirst(delimiter.count)
        for _ in 0..<self.limit {
            if rest.starts(with: Array("--".utf8)) { return result }
            guard rest.starts(with: [0x0D, 0x0A]) else { return nil }
            rest = rest.dropFirst(2)
            guard let end = rest.firstRange(of: [0x0D, 0x0A] + delimiter) else { return nil }
            guard self.read(rest[..<end.lowerBound], into: &result) else { return nil }
            rest = rest[end.upperBound...]
        }
        return nil
    }

    private static func read(_ part: ArraySlice<UInt8>, into result: inout JSONObject) -> Bool {
        guard let end = part.firstRange(of: Array("\r\n\r\n".utf8)) else { return false }
        let head = String(decoding: part[..<end.lowerBound], as: UTF8.self)
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-disposition:") }
        let attributes = (line ?? "").split(separator: ";").map(\.trimmed)
        guard let name = attributes.first(where: { $0.hasPrefix("name=\"") })?.dropFirst(6).dropLast() else { return false }
        guard !attributes.contains(where: { $0.hasPrefix("filename") }) else { return true }
        guard let value = String(validating: part[end.upperBound...], as: UTF8.self) else { return false }
        result[String(name)] = .string(value)
        return true
    }
}

extension Substring {
    fileprivate var trimmed: String {
        let rest = self.drop { $0 == " " || $0 == "\t" }
        return String(rest.prefix(rest.count - rest.reversed().prefix { $0 == " " || $0 == "\t" }.count))
    }
}
