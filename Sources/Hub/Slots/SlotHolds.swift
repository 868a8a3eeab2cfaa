public import NIOCore

/// The Hub's question to whoever keeps the slots that desks are booking.
///
/// Their events stand beside the log of a durable topic, without a seq: they are over when they have been said. A loop follows
/// them once for all of its sockets, and tells whoever subscribes what is the case at present.
public protocol SlotHolds: Sendable {
    /// The topic, as the database names it, whose subscribers hear of a principal's holds.
    func topic(for principal: Principal) -> String

    /// Whether a topic, as the database names it, has such events. Pure and quick: it is called on event loops.
    func accompanies(_ topic: String) -> Bool

    /// Begins to tell of a topic's holds: those that there are, then every change.
    ///
    /// - Parameters:
    ///   - topic: one that ``accompanies(_:)``
    ///   - tell: may be called on any thread, never twice at the same time
    func follow(_ topic: String, _ tell: @escaping @Sendable (SlotNews) -> Void) -> any EphemeralFollowing

    /// A socket holds a slot. Answers on any thread, once; those of one socket in the order of its commands.
    func hold(_ slot: SlotWish, by reader: EphemeralReader, _ answer: @escaping @Sendable (SlotAnswer) -> Void)

    /// A socket lets go. Answers as ``hold(_:by:_:)`` does.
    func release(_ slot: SlotWish, by reader: EphemeralReader, _ answer: @escaping @Sendable (SlotAnswer) -> Void)

    /// A socket that has held something is gone.
    ///
    /// - Parameter atOnce: it will not come back: its login has ended, or its role may hold nothing any more
    func left(_ reader: EphemeralReader, atOnce: Bool)
}

/// What a client says of a slot, not yet looked at.
public struct SlotWish: Sendable, Equatable {
    /// The master.
    public var staffID: Int64?
    /// A date.
    public var date: String?
    /// A time of day.
    public var startTime: String?
    /// A time of day.
    public var endTime: String?
    /// The number of a hold.
    public var fence: Int64?

    /// - Parameters:
    ///   - staffID: the master
    ///   - date: a date
    ///   - startTime: a time of day
    ///   - endTime: a time of day
    ///   - fence: the number of a hold
    public init(
        staffID: Int64? = nil,
        date: String? = nil,
        startTime: String? = nil,
        endTime: String? = nil,
        fence: Int64? = nil
    ) {
        self.staffID = staffID
        self.date = date
        self.startTime = startTime
        self.endTime = endTime
        self.fence = fence
    }
}

/// An event as clients get it.
public struct SlotEvent: Sendable, Equatable {
    /// For example `slot:held`.
    public var type: String
    /// JSON.
    public var data: ByteBuffer

    /// - Parameters:
    ///   - type: the event's type
    ///   - data: JSON
    public init(type: String, data: ByteBuffer) {
        self.type = type
        self.data = data
    }
}

/// What a follower of a topic's holds is told.
public enum SlotNews: Sendable {
    /// These are all that there are: each its name, and what is said of it now and once it is gone.
    case all([(name: String, held: SlotEvent, gone: SlotEvent)])
    /// A slot is held, or still held. The socket that asked for it has its answer.
    case held(name: String, by: String, held: SlotEvent, gone: SlotEvent)
    /// It no longer is. The socket that asked for this, if one did, has its answer.
    case gone(name: String, by: String?, SlotEvent)
    /// Nobody can say at present. Only ever first; nothing follows.
    case unavailable
}

/// What a command about a slot comes to.
public enum SlotAnswer: Sendable {
    /// It is done; this says so.
    case done(SlotEvent)
    /// Another desk holds this time.
    case heldByOther(message: String, hold: ByteBuffer)
    /// A field is missing or wrong.
    case invalid(String)
    /// It cannot be done.
    case refused(EphemeralRefusal)
}
