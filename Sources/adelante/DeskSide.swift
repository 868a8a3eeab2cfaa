import Desks
import Logging
import Postgres
import REST
import Redis
import ServiceLifecycle

/// A node's part in what desks say of themselves: who is in a room, which slots are being booked.
struct DeskSide: Sendable {
    /// Tells of changes, keeps leases.
    let feed: BoardFeed
    /// The slots that desks are booking.
    let holds: HoldDesk
    /// The topics `presence:<room>`.
    let presence: PresenceTopics
    /// The commands `slot:…`, and their events.
    let slots: SlotDesk
    private let lanes = DeskLanes()

    /// - Parameters:
    ///   - settings: how long leases last
    ///   - prefix: of Redis keys and channels, apart for each database
    init(
        _ settings: DeskSettings,
        prefix: String,
        client: PostgresClient,
        redis: RedisClient,
        subscriber: RedisSubscriber,
        logger: Logger
    ) {
        let store = BoardStore(redis: redis, prefix: prefix)
        let people = DeskPeople(client: client)
        self.feed = BoardFeed(store: store, settings: settings, subscriber: subscriber, logger: logger)
        self.holds = HoldDesk(feed: self.feed)
        self.presence = PresenceTopics(rooms: RoomDesk(feed: self.feed), lanes: self.lanes, people: people)
        self.slots = SlotDesk(holds: self.holds, lanes: self.lanes, people: people)
    }

    /// In the order in which they start.
    var services: [any Service] { [self.feed, self.lanes] }
}
