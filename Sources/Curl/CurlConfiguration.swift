/// What holds for all of a client's transfers.
public struct CurlConfiguration: Sendable {
    /// How many may be under way at once.
    public var maxTransfers: Int
    /// A PEM file with the authorities to trust, instead of the system's.
    public var certificateAuthorities: String?

    /// See the properties.
    public init(maxTransfers: Int = 1024, certificateAuthorities: String? = nil) {
        self.maxTransfers = maxTransfers
        self.certificateAuthorities = certificateAuthorities
    }
}
