import HTTPTypes
import NIOCore
import Testing

@testable import REST

@Suite("Forms with files")
struct MultipartFormTests {
    private static let type = "multipart/form-data; boundary=----b1"

    private static func part(_ name: String = "file", of body: String, type: String? = type) throws(APIError) -> String? {
        let form = try MultipartForm(contentType: type, ByteBuffer(string: body))
        return try form.part(name).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func status(of body: String, type: String? = type) -> Int? {
        do throws(APIError) {
            _ = try self.part(of: body, type: type)
            return nil
        } catch {
            return error.code.status
        }
    }

    @Test("the part of the name is found among others, byte by byte")
    func parts() throws {
        let body = """
            a preamble\r\n------b1\r\nContent-Disposition: form-data; name="note"\r\n\r\nname="file"\r\n------b1 \r\n\
            Content-Type: text/plain\r\ncontent-disposition: form-data; filename="a \\"; name=no.xlsx"; name="file"\r\n\r\n\
            first\r\n\r\n--not the end\r\n------b\r\n\r\n------b1--\r\nan epilogue
            """
        #expect(try Self.part(of: body) == "first\r\n\r\n--not the end\r\n------b\r\n")
        #expect(try Self.part("note", of: body) == "name=\"file\"")
        #expect(try Self.part("other", of: body) == nil)
    }

    @Test("an empty part is an empty file, a form without parts has none")
    func empty() throws {
        #expect(try Self.part(of: "------b1\r\nContent-Disposition: form-data; name=file\r\n\r\n\r\n------b1--") == "")
        #expect(try Self.part(of: "------b1--") == nil)
    }

    @Test("boundaries may stand in quotes, and parameters before and behind them")
    func boundaries() throws {
        let body = "--a b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx\r\n--a b--"
        for type in [#"multipart/form-data; boundary="a b""#, #"Multipart/Form-Data;charset=utf-8; Boundary="a b"; x=y"#] {
            #expect(try Self.part(of: body, type: type) == "x")
        }
    }

    @Test("what is no form is refused")
    func refused() {
        let part = "------b1\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\nx"
        #expect(Self.status(of: part + "\r\n------b1--", type: nil) == 415)
        #expect(Self.status(of: part + "\r\n------b1--", type: "application/json") == 415)
        #expect(Self.status(of: part + "\r\n------b1--", type: "multipart/form-data") == 400)
        #expect(Self.status(of: part, type: Self.type) == 400, "it has no end")
        #expect(Self.status(of: "", type: Self.type) == 400)
        #expect(Self.status(of: "no delimiter", type: Self.type) == 400)
        #expect(Self.status(of: "------b1\r\nno headers", type: Self.type) == 400)
        let long = String(repeating: "x", count: 9_000)
        #expect(Self.status(of: "------b1\r\nX: \(long)\r\n\r\nx\r\n------b1--") == 400)
        let many = (0..<21).map { "------b1\r\nContent-Disposition: form-data; name=\"f\($0)\"\r\n\r\nx\r\n" }.joined()
        #expect(Self.status(of: many + "------b1--") == 400)
    }
}
