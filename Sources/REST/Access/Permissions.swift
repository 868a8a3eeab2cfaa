/// What somebody may do: words `<module>.<verb>` that the server knows, as a set that is quick to ask on an event loop.
public struct Permissions: Sendable, Hashable {
    /// A bit for each word. It is the same on nodes of one version only: between nodes go the words.
    let bits: UInt64

    /// Nothing at all.
    static let none = Permissions(bits: 0)

    init(bits: UInt64) {
        self.bits = bits
    }

    /// - Parameter words: those that the server does not know are left out
    init(words: some Sequence<String>) {
        self.bits = words.reduce(0) { $0 | (Self.bit[$1] ?? 0) }
    }

    /// The one that allows this.
    init(_ module: Module, _ verb: Verb) {
        guard let bit = Self.bit[Self.word(module, verb)] else { preconditionFailure("Every module's verb has a bit") }
        self.init(bits: bit)
    }

    /// Whether this may be done.
    public func allows(_ module: Module, _ verb: Verb) -> Bool {
        self.bits & (Self.bit[Self.word(module, verb)] ?? 0) != 0
    }

    /// Whether the others allow all of this.
    func isSubset(of others: Permissions) -> Bool { self.bits & ~others.bits == 0 }

    /// The words, by module and verb.
    var words: [String] {
        Self.known.filter { self.bits & (Self.bit[$0] ?? 0) != 0 }
    }

    /// How a permission is written.
    static func word(_ module: Module, _ verb: Verb) -> String { "\(module.rawValue).\(verb.rawValue)" }

    private static let known = Module.allCases.flatMap { module in Verb.allCases.map { Self.word(module, $0) } }
    private static let bit = Dictionary(uniqueKeysWithValues: Self.known.enumerated().map { ($1, UInt64(1) << UInt64($0)) })
}
