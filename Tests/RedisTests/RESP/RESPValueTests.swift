import NIOCore
import Testing

@testable import Redis

@Suite struct RESPValueTests {
    static let values: [(RESPValue, String?, Int?)] = [
        (.simple("OK"), "OK", nil),
        (.bulk(ByteBuffer(string: "12")), "12", 12),
        (.bulk(ByteBuffer(string: "так")), "так", nil),
        (.integer(-3), nil, -3),
        (.null, nil, nil),
        (.array([.integer(1)]), nil, nil),
        (.error("ERR"), nil, nil),
    ]

    @Test(arguments: values)
    func `a value is read as text or number only where it is one`(value: RESPValue, text: String?, number: Int?) {
        #expect(value.string == text)
        #expect(value.int == number)
    }
}
