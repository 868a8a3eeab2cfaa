import JSON
import Testing

@testable import REST

@Suite("Lists of objects in a body")
struct BodyReaderListTests {
    private static func read(_ json: String) throws -> (list: Patch<[String]>, error: LocalizedText?) {
        var body = BodyReader(try #require(try JSONValue(parsing: json).object))
        let list = body.list("rows", maximumCount: 2, shape: "{name, size?}") { row in
            _ = row.integer("size", in: 1...9)
            return row.text("name").value?.nonEmpty
        }
        return (list, body.errors["rows"])
    }

    @Test("absent, null and a list are three things, and an empty list is one")
    func kinds() throws {
        #expect(try Self.read("{}").list.isKept && Self.read("{}").error == nil)
        #expect(try Self.read(#"{"rows": null}"#).list.isCleared)
        #expect(try Self.read(#"{"rows": []}"#).list.value == [])
        #expect(try Self.read(#"{"rows": [{"name": "a"}, {"name": "b", "size": 9, "more": 1}]}"#).list.value == ["a", "b"])
    }

    @Test(
        "one that is not of the shape refuses the list, and is told by its number",
        arguments: [
            (#"[{"name": "a"}, {"name": ""}]"#, 2), (#"[{"name": "a"}, "b"]"#, 2), (#"[{"name": "a", "size": 10}]"#, 1),
            (#"[{"name": 1}, {"name": 2}]"#, 1), ("[null]", 1),
        ]
    )
    func shapes(_ rows: String, _ number: Int) throws {
        let (list, error) = try Self.read(#"{"rows": \#(rows)}"#)
        #expect(list.isKept && error?.text(in: .english) == "each must be {name, size?}; number \(number) is not")
    }

    @Test("what is no list, or a longer one", arguments: ["{}", #""a""#, "1", #"[{"name": "a"}, {"name": "b"}, {"name": "c"}]"#])
    func others(_ rows: String) throws {
        let (list, error) = try Self.read(#"{"rows": \#(rows)}"#)
        #expect(list.isKept && error?.text(in: .english) == "must be a list of at most 2 items")
    }
}
