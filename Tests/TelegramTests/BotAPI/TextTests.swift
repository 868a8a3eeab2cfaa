import Testing

@testable import Telegram

@Suite struct TextTests {
    @Test(arguments: [
        ("Ліна", "Ліна"), ("<b>a</b>", "&lt;b&gt;a&lt;/b&gt;"), ("a & b", "a &amp; b"), ("\"'", "&quot;'"),
        ("&amp;", "&amp;amp;"), ("", ""),
        ("e\u{301}<\u{301}", "e\u{301}&lt;\u{301}"), ("👩🏽‍🦰", "👩🏽‍🦰"),
    ])
    func `a name is shown as it is`(text: String, escaped: String) {
        // By scalars: Swift's == takes texts for equal that are written differently.
        #expect(Array(MessageHTML.escaped(text).unicodeScalars) == Array(escaped.unicodeScalars))
    }

    @Test(arguments: [
        ("https://t.me", "adelante_bot", "https://t.me/adelante_bot?start=a-_9"),
        ("http://127.0.0.1:8081/", "@adelante_bot", "http://127.0.0.1:8081/adelante_bot?start=a-_9"),
    ])
    func `a deep link names the bot and the parameter`(base: String, username: String, link: String) {
        #expect(DeepLink(base: base, username: username).url(start: "a-_9") == link)
    }

    @Test(arguments: ["", "a b", "a.b", "a=", "ї", String(repeating: "a", count: 65)])
    func `what Telegram would not carry is no link`(parameter: String) {
        #expect(DeepLink(username: "a_bot").url(start: parameter) == nil)
    }

    @Test func `64 characters are carried`() {
        #expect(DeepLink.isStartParameter(String(repeating: "a", count: 64)))
    }
}
