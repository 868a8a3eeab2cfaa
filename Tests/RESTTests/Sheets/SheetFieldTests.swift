import JSON
import Spreadsheet
import Testing

@testable import REST

@Suite("Columns of workbooks")
struct SheetFieldTests {
    @Test(
        "a heading is found whatever its case, apostrophe and spaces are",
        arguments: ["Ім'я", "ІМ’Я", " імʼя * ", "firstName", "FIRSTNAME", "First name"]
    )
    func headings(heading: String) {
        let field = SheetField("firstName", "Ім'я", others: ["First name"])
        #expect(field.meanings.contains(SheetField.folded(heading)))
        #expect(!field.meanings.contains(SheetField.folded(heading + "х")))
    }

    @Test(
        "numbers are read as people write them",
        arguments: [
            ("1234.5", "1234.5"), ("1 234,50", "1234.50"), ("1\u{A0}234,5 грн", "1234.5"), ("1,234.50", "1234.50"), ("5%", "5"),
            ("1.250,00", "1250.00"), ("1.250.000,50", "1250000.50"), ("1,250,000.50", "1250000.50"), ("1.2.3", nil),
            ("₴ 99", "99"), ("-3", "-3"), ("0,07", "0.07"), ("12 шт", nil), ("", nil), ("1,2,3", nil), ("NaN", nil),
        ] as [(String, String?)]
    )
    func numbers(text: String, number: String?) {
        let value = SheetField("price", "Ціна", .money).value(of: .text(text))
        #expect(value?.number?.text == number)
        if number == nil { #expect(value == .string(text), "left for the validation to refuse") }
    }

    @Test("dates are days first, years first, or dates already")
    func dates() throws {
        let field = SheetField("birthDate", "Дата народження", .date)
        for text in ["17.05.1990", "17/05/1990", " 17.05.1990 "] {
            #expect(field.value(of: .text(text)) == "1990-05-17")
        }
        #expect(field.value(of: .text("1990-5-17")) == "1990-5-17")
        #expect(field.value(of: .date(try #require(SheetDate(iso: "1990-05-17T10:00:00")))) == "1990-05-17")
        #expect(field.value(of: .text("17.05.90")) == "17.05.90")
    }

    @Test("a number of nine digits is a phone that lost its zero; others are as they stand")
    func phones() {
        let field = SheetField("phone", "Телефон", .phone)
        #expect(field.value(of: .number("501112233")) == "0501112233")
        #expect(field.value(of: .number("380501112233")) == "380501112233")
        #expect(field.value(of: .text("501112233")) == "501112233")
        #expect(field.value(of: nil) == nil)
    }

    @Test("words go out in Ukrainian and come in in either language")
    func words() {
        let field = SheetField("gender", "Стать", .words(["female": ["жіноча", "ж"], "male": ["чоловіча"]]))
        #expect(field.written("female") == "жіноча")
        #expect(field.written("unknown") == "unknown")
        #expect(field.written(nil) == nil)
        for text in ["жіноча", "Ж", "FEMALE", " Жіноча "] { #expect(field.value(of: .text(text)) == "female") }
        #expect(field.value(of: .text("робот")) == "робот")
        let flag = SheetField("isActive", "Активний", .flag)
        #expect(flag.written("true") == "так")
        #expect(flag.value(of: .bool(false)) == false)
        for text in ["так", "Yes", "1", "+"] { #expect(flag.value(of: .text(text)) == true) }
        #expect(flag.value(of: .number("0")) == false)
    }
}
