import JSON
import Testing

@testable import REST

@Suite("What a client keeps as JSON of its own")
struct StorableJSONTests {
    @Test(
        "what jsonb gives back as it came, more or less as long",
        arguments: [
            "{}", #"{"a":[null,true,"€",{"b":-12.5}]}"#, "0", "-1e30", "1E-30", "1.5e+007", "123456789012345678901234567890",
        ]
    )
    func good(_ json: String) throws {
        #expect(try JSONValue(parsing: json).isStorable)
    }

    @Test(
        "what it refuses, or makes a thousand times longer, however deep",
        arguments: [
            "1e31", "1e-31", "1E+131071", "-1e999999", "1e18446744073709551616", "1e00000100", "0e99",
            "1234567890123456789012345678901", "0.0000000000000000000000000000001", #""\u0000""#, #"{"a\u0000":1}"#,
            #"{"a":[{"b":["x",1e131071]}]}"#,
        ]
    )
    func bad(_ json: String) throws {
        #expect(try !JSONValue(parsing: json).isStorable)
    }
}
