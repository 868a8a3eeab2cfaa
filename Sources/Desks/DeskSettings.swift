/// How long what desks say of themselves lasts, in milliseconds.
public struct DeskSettings: Sendable {
    /// A lease: what its node does not renew is gone after this time. Renewed three times within it.
    public var lease: Int64 = 15_000
    /// A hold that is not made again ends after this time.
    public var holdLife: Int64 = 60_000
    /// A hold whose socket is gone ends after this time, unless its login holds it again.
    public var orphanLife: Int64 = 5_000
    /// Members of a room.
    public var maximumMembers = 200
    /// Holds of a salon.
    public var maximumHolds = 200
    /// Holds of one socket; one more ends the oldest.
    public var maximumHoldsPerConnection = 5

    /// The protocol document's defaults.
    public init() {}
}
