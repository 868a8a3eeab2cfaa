import Secrets

/// What is kept of a body that came with an `Idempotency-Key`, to know it again: a code under a key of the installation's own.
/// A body may hold a password, which nobody should be able to guess from a database that has got about.
public struct BodyCode: Sendable {
    private static let label = Array("adelante idempotency body".utf8)

    private let key: HMACKey
    private let previousKey: HMACKey?

    /// - Parameters:
    ///   - secret: SECRET_KEY
    ///   - previous: SECRET_KEY_PREVIOUS: a write may be sent again across the change
    public init(secret: String, previous: String? = nil) {
        func derived(_ secret: String) -> HMACKey {
            HMACKey(Crypto.hmacSHA256(key: Array(secret.utf8), data: Self.label))
        }
        self.key = derived(secret)
        self.previousKey = previous.map(derived)
    }

    /// The code of a body, 32 bytes.
    func code(of body: some Collection<UInt8>) -> [UInt8] { self.key.code(of: body) }

    /// Whether a code that was kept is this body's.
    func isCode(_ code: [UInt8], of body: some Collection<UInt8>) -> Bool {
        [self.key, self.previousKey].contains { key in
            key.map { Crypto.constantTimeEqual($0.code(of: body), code) } ?? false
        }
    }
}

extension BodyCode: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The type's name: keys do not belong into a log.
    public var description: String { "BodyCode" }
    /// The type's name.
    public var debugDescription: String { self.description }
    /// Nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
