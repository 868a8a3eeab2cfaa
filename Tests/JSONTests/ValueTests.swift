import JSON
import Testing

@Suite("Values")
struct ValueTests {
    @Test("absent and null differ")
    func absentAndNull() throws {
        let value = try JSONValue(parsing: #"{"a":null}"#)
        #expect(value["a"] == .some(.null))
        #expect(value["a"]?.isNull == true)
        #expect(value["b"] == nil)
        #expect(value.object?.contains("a") == true)
        #expect(value.object?.contains("b") == false)
    }

    @Test("accessors answer for their own kind only")
    func accessors() {
        let values: [JSONValue] = [nil, true, 5, "x", [1], ["k": "v"]]
        #expect(values.map(\.isNull) == [true, false, false, false, false, false])
        #expect(values.map(\.bool) == [nil, true, nil, nil, nil, nil])
        #expect(values.map(\.int) == [nil, nil, 5, nil, nil, nil])
        #expect(values.map(\.number) == [nil, nil, 5, nil, nil, nil])
        #expect(values.map(\.string) == [nil, nil, nil, "x", nil, nil])
        #expect(values.map(\.array) == [nil, nil, nil, nil, [1], nil])
        #expect(values.map(\.object) == [nil, nil, nil, nil, nil, ["k": "v"]])
        #expect(values[4][0] == 1)
        #expect(values[4][1] == nil)
        #expect(values[4][-1] == nil)
        #expect(values[4]["k"] == nil)
        #expect(values[5]["k"]?.string == "v")
        #expect(values[5][0] == nil)
    }

    @Test("are made of Swift's own, nil becoming null")
    func initialisers() {
        let none: String? = nil
        let id: Int64? = 7
        #expect(JSONValue(none) == .null)
        #expect(JSONValue(id) == 7)
        #expect(JSONValue(Int?.none) == .null)
        #expect(JSONValue(Bool?.some(false)) == false)
        #expect(JSONValue(JSONNumber(text: "1.50")).text == "1.50")
        let name = "Ірина"
        #expect(["hello": "\(name)!"] as JSONValue == ["hello": .string("Ірина!")])
    }

    @Test("an object keeps the order of its members and ignores it when compared")
    func order() {
        let one: JSONObject = ["b": 1, "a": 2]
        let other: JSONObject = ["a": 2, "b": 1]
        #expect(one.keys == ["b", "a"])
        #expect(one.text == #"{"b":1,"a":2}"#)
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        #expect(one != ["a": 2])
        #expect(one != ["a": 2, "c": 1])
        #expect(one != ["a": 2, "b": 2])
    }

    @Test("an object is changed by name, on both sides of its index", arguments: [3, 16, 17, 40])
    func editing(_ count: Int) {
        var object = JSONObject((0..<count).map { (key: "k\($0)", value: JSONValue($0)) })
        #expect(object.count == count)
        object["k1"] = "changed"
        #expect(object.count == count)
        #expect(object[1].value == "changed")
        object["k0"] = nil
        #expect(object.count == count - 1)
        #expect(object["k0"] == nil)
        #expect(object["k\(count - 1)"]?.int == Int64(count - 1))
        object["k0"] = .null
        #expect(object.keys.last == "k0")
        #expect(object["k0"] == .some(.null))
        #expect(object.removing("k1", "k2", "nowhere").keys == (3..<count).map { "k\($0)" } + ["k0"])
        let merged = object.merging(["k1": 1, "new": 2])
        #expect(merged.count == count + 1)
        #expect(merged["k1"] == 1)
        #expect(merged["new"] == 2)
        #expect(object["new"] == nil)
        for key in object.keys { object[key] = nil }
        #expect(object.isEmpty)
        #expect(object == [:])
    }

    @Test("errors read as a sentence with a place")
    func errors() {
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: "[1,]") }
        #expect(error.map { "\($0)" } == "a value was expected at byte 3")
        #expect(error.map { "\($0.code)" } == "unexpectedByte")
    }
}
