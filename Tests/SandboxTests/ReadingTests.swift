import JSON
import Testing

@testable import TelegramSandbox

@Suite struct ReadingTests {
    @Test(
        arguments: [
            ("a=1&b=%D1%97+x", ["a": "1", "b": "ї x"]), ("", [:]), ("a", ["a": ""]), ("a=1&a=2", ["a": "2"]),
            ("a=b=c", ["a": "b=c"]),
            ("&&a=1&", ["a": "1"]),
        ] as [(String, JSONObject)]
    )
    func `a form's names and values`(text: String, values: JSONObject) {
        #expect(FormText.parse(text) == values)
    }

    @Test(arguments: ["a=%", "a=%4", "a=%zz", "a=%+1", "a=%FF", String(repeating: "a=1&", count: 101)])
    func `what is no form is none`(text: String) {
        #expect(FormText.parse(text) == nil)
    }

    @Test(arguments: [
        ("multipart/form-data; boundary=abc", "abc"), ("multipart/form-data; charset=utf-8; Boundary=\"a b\"", "a b"),
        ("multipart/form-data", nil),
    ])
    func `a boundary is read off the Content-Type`(type: String, boundary: String?) {
        #expect(Multipart.boundary(type) == boundary)
    }

    @Test func `a multipart body's fields, without its files`() {
        let body =
            "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n2\r\n--b\r\n"
            + "Content-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n\r\n\u{0}\r\n--b\r\n"
            + "Content-Type: text/plain\r\ncontent-disposition: form-data; name=\"c\"\r\n\r\n\r\n--b--\r\n"
        #expect(Multipart.parse(Array(body.utf8), boundary: "b") == ["a": "1\r\n2", "c": ""])
    }

    @Test(arguments: ["", "--b", "--b\r\n", "--b\r\nx\r\n\r\n1\r\n--b--", "--b\r\nx", "--c\r\n", "--b\r\n\r\n\r\n1\r\n--b"])
    func `what is no multipart body is none`(body: String) {
        #expect(Multipart.parse(Array(body.utf8), boundary: "b") == nil)
    }

    @Test(arguments: [
        ("a", true), ("Az09_-", true), (String(repeating: "a", count: 64), true), ("", false), ("a b", false), ("ї", false),
    ])
    func `start parameters`(text: String, isValid: Bool) {
        #expect(StartParameter.isValid(text) == isValid)
        #expect(!StartParameter.isValid(String(repeating: "a", count: 65)))
    }

    @Test(arguments: [
        ("a <b>ї</b>", "a ї", ["bold 2 1"]),
        ("<b>a<i>b</i></b>", "ab", ["bold 0 2", "italic 1 1"]),
        ("👩🏽<code>x</code>", "👩🏽x", ["code 4 1"]),
        ("&lt;b&gt; &amp; &quot; &#1111; &#x457; &nbsp; &", "<b> & \" ї ї &nbsp; &", []),
        ("  <b> a </b>  ", "a", ["bold 0 1"]),
        ("<a href=\"https://e.org/?a&amp;b\">a</a>", "a", ["text_link 0 1"]),
        ("<span class=\"tg-spoiler\">a</span><tg-spoiler>b</tg-spoiler>", "ab", ["spoiler 0 1", "spoiler 1 1"]),
        ("<B>a</B>", "a", ["bold 0 1"]), ("<b></b>a", "a", []), ("a\n\n<pre>b</pre>", "a\n\nb", ["pre 3 1"]),
    ])
    func `HTML becomes text and places`(html: String, text: String, entities: [String]) throws {
        let read = try RichText(html, parseMode: "HTML")
        #expect(read.text == text)
        #expect(read.entities.map { "\($0.type) \($0.offset) \($0.length)" } == entities)
    }

    @Test(arguments: [
        ("<b>a", "Can't find end tag corresponding to start tag \"b\""),
        ("ї<x>a</x>", "Unsupported start tag \"x\" at byte offset 2"),
        ("<b>a</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""),
        ("a</b>", "Unexpected end tag at byte offset 1"), ("a<b", "Unclosed start tag at byte offset 1"),
        ("<span>a</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
    ])
    func `HTML that Telegram refuses`(html: String, words: String) {
        let error = #expect(throws: APIError.self) { try RichText(html, parseMode: "HTML") }
        #expect(error == APIError.badRequest("can't parse entities: \(words)"))
    }
}
