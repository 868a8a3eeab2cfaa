import Glibc

/// A range of IP addresses in CIDR notation: `10.0.0.0/8`, `::1/128`; an address alone is a range of one.
public struct AddressBlock: Sendable, Hashable {
    private let bytes: [UInt8]
    private let bits: Int

    /// - Parameter text: an address, with or without a prefix length
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let bytes = Self.parse(String(parts[0])) else { return nil }
        guard let bits = parts.count == 2 ? Int(parts[1]) : bytes.count * 8, (0...bytes.count * 8).contains(bits) else {
            return nil
        }
        self.bytes = bytes
        self.bits = bits
    }

    /// Whether an address is of this range; an IPv4 address mapped into IPv6 counts as IPv4.
    func contains(_ address: String) -> Bool {
        guard let other = Self.parse(address), other.count == self.bytes.count else { return false }
        for index in 0..<self.bytes.count {
            let left = self.bits - index * 8
            guard left > 0 else { return true }
            let mask: UInt8 = left >= 8 ? 0xFF : ~(0xFF >> UInt8(left))
            guard self.bytes[index] & mask == other[index] & mask else { return false }
        }
        return true
    }

    /// The bytes of an address, 4 or 16; an IPv4 address mapped into IPv6 is IPv4.
    fileprivate static func parse(_ text: String) -> [UInt8]? {
        var v4 = in_addr()
        if unsafe inet_pton(AF_INET, text, &v4) == 1 { return unsafe withUnsafeBytes(of: &v4) { unsafe Array($0) } }
        var v6 = in6_addr()
        guard unsafe inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
        let bytes = unsafe withUnsafeBytes(of: &v6) { unsafe Array($0) }
        let isMapped = bytes[0..<10].allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isMapped ? Array(bytes[12...]) : bytes
    }
}

/// Who a request comes from: the peer, or, behind trusted proxies, the rightmost address that is not one of them.
public struct ClientAddress: Sendable {
    private let trusted: [AddressBlock]

    /// - Parameter trusted: whose `X-Forwarded-For` counts
    public init(trusted: [AddressBlock]) {
        self.trusted = trusted
    }

    /// Whether every peer is the client itself, whatever it says.
    public var trustsNobody: Bool { self.trusted.isEmpty }

    /// - Parameters:
    ///   - peer: the connection's other end
    ///   - forwardedFor: the values of `X-Forwarded-For`, in order
    public func resolve(peer: String?, forwardedFor: [String]) -> String {
        let peer = peer ?? "unknown"
        guard !self.trusted.isEmpty, self.isTrusted(peer) else { return peer }
        return Self.hops(forwardedFor).last { !self.isTrusted($0) } ?? peer
    }

    /// Whether a request comes from this machine itself: from a loopback address, with no header that only a proxy writes, or,
    /// by a trusted proxy's word, over nothing but loopback addresses.
    ///
    /// Behind a proxy of this machine that nobody has declared, everybody's peer is a loopback address.
    ///
    /// - Parameters:
    ///   - peer: the connection's other end
    ///   - forwardedFor: the values of `X-Forwarded-For`, in order
    ///   - isForwarded: whether another header tells of a proxy
    func isLocal(peer: String?, forwardedFor: [String], isForwarded: Bool) -> Bool {
        guard let peer else { return false }
        if forwardedFor.isEmpty { return !isForwarded && Self.isLoopback(peer) }
        let hops = Self.hops(forwardedFor)
        return self.isTrusted(peer) && !hops.isEmpty && hops.allSatisfy(Self.isLoopback)
    }

    private static func hops(_ forwardedFor: [String]) -> [String] {
        forwardedFor.flatMap { $0.split(separator: ",") }.map { String($0).trimmed }
    }

    /// The host that the client asked: the peer's word for it, or, from a trusted proxy, the last of what it forwarded.
    ///
    /// - Parameters:
    ///   - peer: the connection's other end
    ///   - host: the value of `Host`
    ///   - forwardedHost: the values of `X-Forwarded-Host`, in order
    public func host(peer: String?, host: String?, forwardedHost: [String]) -> String? {
        guard let peer, self.isTrusted(peer) else { return host }
        return forwardedHost.flatMap { $0.split(separator: ",") }.last.map { String($0).trimmed } ?? host
    }

    /// Whom limits by address count as one: an IPv4 address, mapped into IPv6 or not, and an IPv6 client's /64, all of whose
    /// addresses are its own.
    ///
    /// - Parameter address: an address; other text is its own network
    public static func network(of address: String) -> String {
        guard address.utf8.contains(UInt8(ascii: ":")), let bytes = AddressBlock.parse(address) else { return address }
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        let groups = stride(from: 0, to: 8, by: 2).map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
        return groups.joined(separator: ":") + "::/64"
    }

    private static func isLoopback(_ address: String) -> Bool {
        self.loopback.contains { $0.contains(address) }
    }

    private static let loopback = [AddressBlock("127.0.0.0/8"), AddressBlock("::1/128")].compactMap { $0 }

    private func isTrusted(_ address: String) -> Bool {
        self.trusted.contains { $0.contains(address) }
    }
}
