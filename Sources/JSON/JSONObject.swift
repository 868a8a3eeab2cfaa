/// The members of an object, in the order in which their names first came.
///
/// Names are compared byte by byte, not as Unicode text: `é` as one scalar and as two are different members.
/// Setting a name again replaces its value in place. Equality and hash ignore the order.
/// Up to 16 members are looked up by a scan, more by an index. Removing costs as much as the object is long.
public struct JSONObject: Sendable {
    /// One member.
    public typealias Element = (key: String, value: JSONValue)

    private static let scanned = 16

    private var members: [Element] = []
    private var index: [ExactKey: Int] = [:]

    /// An object without members.
    public init() {}

    /// The members of a sequence; of members with one name the last wins.
    public init(_ members: some Sequence<Element>) {
        for member in members { self[member.key] = member.value }
    }

    /// The names, in order.
    public var keys: [String] { self.members.map(\.key) }

    /// The values, in order.
    public var values: [JSONValue] { self.members.map(\.value) }

    /// The value of a name; nil if there is no such member, `.null` if there is and it is null. Setting nil removes it.
    public subscript(key: String) -> JSONValue? {
        get { self.position(of: key).map { self.members[$0].value } }
        set {
            guard let newValue else {
                self.remove(key)
                return
            }
            if let position = self.position(of: key) {
                self.members[position].value = newValue
            } else {
                self.append(key, newValue)
            }
        }
    }

    /// Whether there is a member of that name, null or not.
    public func contains(_ key: String) -> Bool { self.position(of: key) != nil }

    /// Prepares for that many members.
    public mutating func reserveCapacity(_ count: Int) { self.members.reserveCapacity(count) }

    /// The object without some of its members.
    public func removing(_ keys: String...) -> JSONObject {
        JSONObject(self.members.filter { member in !keys.contains { ExactKey.equal($0, member.key) } })
    }

    /// The object with another's members added; where both have a name, the other's value.
    public func merging(_ other: JSONObject) -> JSONObject {
        var result = self
        for member in other.members { result[member.key] = member.value }
        return result
    }

    private mutating func append(_ key: String, _ value: JSONValue) {
        self.members.append((key, value))
        if self.members.count == Self.scanned + 1 {
            self.reindex()
        } else if self.members.count > Self.scanned {
            self.index[ExactKey(key)] = self.members.count - 1
        }
    }

    private mutating func remove(_ key: String) {
        guard let position = self.position(of: key) else { return }
        self.members.remove(at: position)
        self.reindex()
    }

    private mutating func reindex() {
        self.index.removeAll()
        guard self.members.count > Self.scanned else { return }
        for (position, member) in self.members.enumerated() { self.index[ExactKey(member.key)] = position }
    }

    private func position(of key: String) -> Int? {
        guard self.members.count > Self.scanned else {
            return self.members.firstIndex { ExactKey.equal($0.key, key) }
        }
        return self.index[ExactKey(key)]
    }
}

extension JSONObject: RandomAccessCollection {
    /// The first member's place.
    public var startIndex: Int { 0 }
    /// The place after the last member.
    public var endIndex: Int { self.members.count }
    /// The member at a place.
    public subscript(position: Int) -> Element { self.members[position] }
}

extension JSONObject: Hashable {
    /// Whether both have the same names with equal values, in whatever order.
    public static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count
            && left.members.allSatisfy { member in right[member.key].map { $0 == member.value } ?? false }
    }

    /// Feeds the members in, in a way that their order does not change.
    public func hash(into hasher: inout Hasher) {
        var sum = 0
        for member in self.members {
            var one = Hasher()
            one.combine(ExactKey(member.key))
            one.combine(member.value)
            sum &+= one.finalize()
        }
        hasher.combine(self.count)
        hasher.combine(sum)
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// The members in the source, in their order.
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        for (key, value) in elements { self[key] = value }
    }
}
