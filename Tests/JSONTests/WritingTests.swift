import JSON
import Testing

@Suite("Writing")
struct WritingTests {
    static let strings: [(string: String, text: String)] = [
        ("", #""""#),
        ("abc", #""abc""#),
        ("\"\\/", #""\"\\/""#),
        ("\u{8}\u{9}\u{A}\u{C}\u{D}", #""\b\t\n\f\r""#),
        ("\u{0}\u{1}\u{B}\u{1F}", #""\u0000\u0001\u000b\u001f""#),
        ("\u{7F}\u{2028}\u{2029}<>&'", "\"\u{7F}\u{2028}\u{2029}<>&'\""),
        ("Ґанок 💇 \n кінець", #""Ґанок 💇 \n кінець""#),
    ]

    @Test("escapes only what must be", arguments: strings)
    func escapes(_ example: (string: String, text: String)) throws {
        var output: [UInt8] = [UInt8(ascii: ">")]
        JSONText.appendQuoted(example.string, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == ">" + example.text)
        var fromBytes: [UInt8] = []
        JSONText.appendQuoted(utf8: Array(example.string.utf8), to: &fromBytes)
        #expect(String(decoding: fromBytes, as: UTF8.self) == example.text)
        var fromPart: [UInt8] = []
        JSONText.appendQuoted(("<" + example.string).dropFirst(), to: &fromPart)
        #expect(fromPart == fromBytes)
        #expect(JSONValue.string(example.string).text == example.text)
        #expect(try JSONValue(parsing: example.text).string == example.string)
    }

    @Test(
        "whole numbers are written as Swift writes them",
        arguments: [0, 1, 9, 10, 99, 100, -1, -9, -10, 1_234_567_890, .max, .min, .max - 1, .min + 1] as [Int64]
    )
    func integers(_ value: Int64) {
        var output: [UInt8] = [UInt8(ascii: "1")]
        JSONText.append(value, to: &output)
        #expect(String(decoding: output, as: UTF8.self) == "1\(value)")
    }

    @Test("values are written without white space, in order")
    func values() {
        let value: JSONValue = ["z": [1, nil, true, false, "x"], "a": [:], "m": [[]]]
        #expect(value.text == #"{"z":[1,null,true,false,"x"],"a":{},"m":[[]]}"#)
        var output: [UInt8] = []
        value.write(to: &output)
        #expect(output == value.jsonBytes)
    }

    @Test("the writer builds what the value would be")
    func writer() throws {
        var writer = JSONWriter()
        let nothing: String? = nil
        let id: Int64 = 7
        writer.object {
            $0.field("id", id)
            $0.field("na\"me", "Олена \"О\"")
            $0.field("ok", true)
            $0.field("none", nothing)
            $0.field("left out", ifPresent: nothing)
            $0.field("here", ifPresent: Optional("y"))
            $0.field("price", JSONNumber(1250, scale: 2))
            $0.field("ids", [1, 2, 3])
            $0.field("raw", rawJSON: #"{"a":1}"#.utf8)
            $0.field("value", ["k": nil] as JSONValue)
            $0.object("empty") { _ in }
            $0.array("list") {
                $0.element("a")
                $0.element(rawJSON: Array("null".utf8))
                $0.array { _ in }
                $0.object { $0.field("x", -1) }
                $0.array {
                    $0.element(1)
                    $0.element(Substring("b"))
                }
            }
            $0.field("last", 0)
        }
        let text = #"""
            {"id":7,"na\"me":"Олена \"О\"","ok":true,"none":null,"here":"y","price":12.50,"ids":[1,2,3],"raw":{"a":1},\#
            "value":{"k":null},"empty":{},"list":["a",null,[],{"x":-1},[1,"b"]],"last":0}
            """#
        #expect(writer.text == text)
        #expect(try JSONValue(parsing: writer.bytes).text == text)
    }

    @Test("the writer takes an array or a bare value at the top")
    func topLevel() {
        var array = JSONWriter(capacity: 0)
        array.array {
            $0.element(1)
            $0.element(Int32(-2))
        }
        #expect(array.text == "[1,-2]")
        var scalar = JSONWriter()
        scalar.value("x")
        #expect(scalar.text == "\"x\"")
    }

    @Test("an error thrown inside comes out as it was")
    func throwing() {
        struct Stop: Error {}
        var writer = JSONWriter()
        var caught = false
        do throws(Stop) {
            try writer.object { (object) throws(Stop) in
                object.field("a", 1)
                throw Stop()
            }
        } catch {
            caught = true
        }
        #expect(caught)
        #expect(writer.text == #"{"a":1"#)
    }
}
