/// A Lua script for ``RedisClient/evaluate(_:keys:arguments:)``. Make it once, as a `static let`.
///
/// Redis keeps scripts by their SHA-1; the client asks the server for it (`SCRIPT LOAD`) at the first use and remembers it.
public struct RedisScript: Sendable, Hashable {
    /// The Lua source, reading `KEYS[n]` and `ARGV[n]`.
    public let source: String

    /// - Parameter source: the Lua source.
    public init(_ source: String) { self.source = source }
}
