import Testing

@testable import REST

@Suite("Addresses and numbers")
struct ContactValueTests {
    static let addresses: [(typed: String, text: String)] = [
        ("anna@example.com", "anna@example.com"),
        ("  Anna.Koval@Example.COM \n", "anna.koval@example.com"),
        ("a@b.ua", "a@b.ua"),
        ("o'neil+salon_1=x@mail.example.co.uk", "o'neil+salon_1=x@mail.example.co.uk"),
        ("telegram_123456@adelante-crm.local", "telegram_123456@adelante-crm.local"),
        ("1@2.com", "1@2.com"),
        ("x@xn--80ak6aa92e.com", "x@xn--80ak6aa92e.com"),
        (String(repeating: "a", count: 64) + "@example.com", String(repeating: "a", count: 64) + "@example.com"),
    ]

    @Test("e-mail addresses are trimmed and in lower case", arguments: addresses)
    func areAddresses(_ example: (typed: String, text: String)) {
        #expect(EmailAddress(example.typed)?.text == example.text)
        #expect(EmailAddress(example.text)?.text == example.text)
    }

    @Test(
        "what is no address is refused",
        arguments: [
            "", " ", "@", "anna", "anna@", "@example.com", "anna@example", "anna@@example.com", "anna@exa@mple.com",
            "an na@example.com",
            "anna@example..com", "anna@.example.com", "anna@example.com.", ".anna@example.com", "anna.@example.com",
            "an..na@example.com",
            "anna@-example.com", "anna@example-.com", "anna@exam_ple.com", "anna@127.0.0.1", "anna@[127.0.0.1]",
            "\"a b\"@example.com",
            "Anna <anna@example.com>", "anna@example.com,bob@example.com", "anna@example.com\r\nBcc: x@y.z", "анна@example.com",
            "anna@приклад.укр", "anna\u{0}@example.com", "anna@example.com\u{0}",
            String(repeating: "a", count: 65) + "@example.com",
            "a@" + String(repeating: "b", count: 64) + ".com",
        ]
    )
    func noAddress(_ typed: String) {
        #expect(EmailAddress(typed) == nil)
    }

    @Test("an address has at most 254 bytes")
    func longAddress() {
        let label = String(repeating: "b", count: 61)
        let domain = [label, label, label].joined(separator: ".") + ".com"
        #expect(domain.utf8.count == 189)
        let fitting = String(repeating: "a", count: 64) + "@" + domain
        #expect(fitting.utf8.count == 254)
        #expect(EmailAddress(fitting) != nil)
        let longer = String(repeating: "a", count: 64) + "@b" + domain
        #expect(longer.utf8.count == 255)
        #expect(EmailAddress(longer) == nil)
    }

    static let numbers: [(typed: String, key: String?)] = [
        ("+380 (67) 123-45-67", "380671234567"),
        ("380671234567", "380671234567"),
        ("067 123 45 67", "380671234567"),
        ("0671234567", "380671234567"),
        ("8 067 123-45-67", "380671234567"),
        ("80671234567", "380671234567"),
        ("00380671234567", "380671234567"),
        ("тел. 067.123.45.67", "380671234567"),
        ("+48 600 123 456", "48600123456"),
        ("0048600123456", "48600123456"),
        ("+1 (212) 555-0100", "12125550100"),
        ("+7 912 345 67 89", "79123456789"),
        ("89123456789", "89123456789"),
        ("671234567", "671234567"),
        ("067123456", "067123456"),
        ("06712345678", "06712345678"),
        ("102", "102"),
        ("", nil),
        ("+", nil),
        ("немає", nil),
        ("+380 •• ••• 45 67", nil),
        ("+38067*****67", nil),
    ]

    @Test("one telephone number is one key, however it is typed", arguments: numbers)
    func areNumbers(_ example: (typed: String, key: String?)) {
        let number = PhoneNumber(example.typed)
        #expect(number.normalisedKey == example.key)
        #expect(number.typed == example.typed)
        if let key = example.key { #expect(PhoneNumber(key).normalisedKey == key) }
    }

    @Test("what hides digits is a mask")
    func masks() {
        #expect(PhoneNumber("+380 •• ••• •• ••").isMask)
        #expect(PhoneNumber("067***4567").isMask)
        #expect(!PhoneNumber("+380 67 123 45 67").isMask)
        #expect(!PhoneNumber("").isMask)
    }
}
