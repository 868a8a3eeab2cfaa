import Glibc
import HTTPTypes
import NIOCore

/// A body of `multipart/form-data` (RFC 7578) that has arrived whole, of which one part is wanted.
struct MultipartForm {
    /// The largest file that is taken, in bytes.
    static let maximumFile = 10 << 20
    private static let maximumParts = 20
    private static let maximumHeaders = 8 << 10

    private let delimiter: [UInt8]
    private let bytes: [UInt8]

    /// - Throws: 415 for another content type, 400 without a boundary
    init(contentType: String?, _ body: ByteBuffer) throws(APIError) {
        guard let contentType, contentType.lowercased().hasPrefix("multipart/form-data") else {
            throw APIError(
                .unsupportedMediaType,
                message: LocalizedText(
                    "The body must be multipart/form-data",
                    "Тіло запиту має бути у форматі multipart/form-data"
                )
            )
        }
        guard let boundary = Self.parameter("boundary", of: contentType), (1...70).contains(boundary.utf8.count) else {
            throw Self.broken
        }
        self.delimiter = Array("\r\n--\(boundary)".utf8)
        // As if a line ended before the first delimiter.
        self.bytes = [0x0D, 0x0A] + body.readableBytesView
    }

    private static let broken = APIError(
        .badRequest,
        message: LocalizedText("The form is not put together right", "Форму складено неправильно")
    )

    /// The content of the first part of this name; nil if there is none.
    ///
    /// - Throws: 400 for a form that has no end or parts without headers
    func part(_ name: String) throws(APIError) -> ArraySlice<UInt8>? {
        guard var position = self.find(self.delimiter, from: 0).map({ $0 + self.delimiter.count }) else { throw Self.broken }
        for _ in 0..<Self.maximumParts {
            // "--" ends the form; white space may stand behind a delimiter.
            if self.bytes[position...].starts(with: "--".utf8) { return nil }
            guard let lineEnd = self.find([0x0D, 0x0A], from: position), lineEnd - position <= 128,
                let headersEnd = self.find(Array("\r\n\r\n".utf8), from: lineEnd), headersEnd - lineEnd <= Self.maximumHeaders,
                let end = self.find(self.delimiter, from: headersEnd + 2)
            else { throw Self.broken }
            let headers = String(decoding: self.bytes[lineEnd..<headersEnd], as: UTF8.self)
            if Self.name(in: headers) == name { return self.bytes[min(headersEnd + 4, end)..<end] }
            position = end + self.delimiter.count
        }
        throw Self.broken
    }

    private static func name(in headers: String) -> String? {
        for line in headers.split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "content-disposition" else { continue }
            guard parts[1].trimmingPrefix(" ").lowercased().hasPrefix("form-data") else { return nil }
            return self.parameter("name", of: String(parts[1]))
        }
        return nil
    }

    /// A parameter of a header's value, in quotes or not.
    private static func parameter(_ name: String, of value: String) -> String? {
        var rest = value[...]
        while let semicolon = rest.firstIndex(of: ";") {
            rest = rest[rest.index(after: semicolon)...].drop { $0 == " " || $0 == "\t" }
            guard let equals = rest.firstIndex(of: "=") else { return nil }
            let key = rest[..<equals].lowercased()
            rest = rest[rest.index(after: equals)...]
            var content = ""
            if rest.first == "\"" {
                rest = rest.dropFirst()
                while let character = rest.popFirst(), character != "\"" {
                    if character == "\\", let next = rest.popFirst() { content.append(next) } else { content.append(character) }
                }
            } else {
                content = String(rest.prefix { $0 != ";" }).trimmed
                rest = rest.drop { $0 != ";" }
            }
            if key == name { return content }
        }
        return nil
    }

    private func find(_ needle: [UInt8], from start: Int) -> Int? {
        unsafe self.bytes.withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress else { return nil }
            var position = start
            while bytes.count - position >= needle.count {
                let searched = bytes.count - position - needle.count + 1
                guard let found = unsafe memchr(base + position, Int32(needle[0]), searched) else { return nil }
                position = unsafe UnsafeRawPointer(found) - base
                if unsafe memcmp(base + position, needle, needle.count) == 0 { return position }
                position += 1
            }
            return nil
        }
    }
}

extension Call {
    /// The file that a form brings in its part `file`.
    ///
    /// - Throws: 413 for one that is too large, 422 without one, 400 and 415 for what is no such form
    func file() throws(APIError) -> [UInt8] {
        let form = try MultipartForm(contentType: self.headers[.contentType], self.bytes)
        guard let file = try form.part("file"), !file.isEmpty else { throw APIError.invalid("file", .isRequired) }
        guard file.count <= MultipartForm.maximumFile else { throw APIError(.payloadTooLarge) }
        return Array(file)
    }
}
