import Testing

@testable import REST

@Suite("Whose a request is")
struct ClientAddressTests {
    @Test(
        "an IPv6 client's network is its /64; an IPv4 address is its own, mapped into IPv6 too",
        arguments: [
            ("192.0.2.7", "192.0.2.7"), ("::ffff:192.0.2.7", "192.0.2.7"), ("2001:db8:0:1::7", "2001:db8:0:1::/64"),
            ("2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:1::/64"), ("2001:db8:0:2::7", "2001:db8:0:2::/64"),
            ("::1", "0:0:0:0::/64"), ("unknown", "unknown"),
        ]
    )
    func networks(_ address: String, _ expected: String) {
        #expect(ClientAddress.network(of: address) == expected)
    }

    private static let direct: [(peer: String?, isLocal: Bool)] = [
        ("127.0.0.1", true), ("127.8.8.8", true), ("::1", true), ("::ffff:127.0.0.1", true), ("192.0.2.7", false), (nil, false),
    ]

    @Test("straight from a loopback address is local, unless a header tells of a proxy", arguments: Self.direct)
    func straight(_ line: (peer: String?, isLocal: Bool)) throws {
        for trusted in [[], [try #require(AddressBlock("127.0.0.0/8"))]] {
            let addresses = ClientAddress(trusted: trusted)
            #expect(addresses.isLocal(peer: line.peer, forwardedFor: [], isForwarded: false) == line.isLocal)
            #expect(!addresses.isLocal(peer: line.peer, forwardedFor: [], isForwarded: true))
        }
        let nobody = ClientAddress(trusted: [])
        #expect(!nobody.isLocal(peer: line.peer, forwardedFor: ["127.0.0.1"], isForwarded: false))
    }

    @Test(
        "a trusted proxy's word counts, of loopback addresses alone",
        arguments: [
            (["127.0.0.1"], true), (["::1", "127.0.0.1"], true), (["::1, 127.0.0.1"], true), ([""], false),
            (["203.0.113.9"], false), (["203.0.113.9, 127.0.0.1"], false), (["10.1.2.3"], false), (["nonsense"], false),
        ] as [([String], Bool)]
    )
    func forwarded(_ forwardedFor: [String], _ isLocal: Bool) throws {
        let addresses = ClientAddress(trusted: [try #require(AddressBlock("10.0.0.0/8"))])
        for isForwarded in [true, false] {
            #expect(addresses.isLocal(peer: "10.0.0.1", forwardedFor: forwardedFor, isForwarded: isForwarded) == isLocal)
            #expect(!addresses.isLocal(peer: "127.0.0.1", forwardedFor: forwardedFor, isForwarded: isForwarded))
        }
    }
}
