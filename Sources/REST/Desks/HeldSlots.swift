import Desks
import EventLoops
import JSON
import Outbox

/// The holds of a salon as a write finds them, and which of them it may pass.
///
/// They are advice: whatever two desks do at the same moment, it is the database that refuses the second booking.
struct HeldSlots: Sendable {
    private let desk: HoldDesk
    private let holds: [Hold]
    private let user: CurrentUser
    private let fence: Int64?
    private let executor: LoopExecutor

    /// - Parameters:
    ///   - desk: where they end once they have served
    ///   - holds: those that there are
    ///   - user: who writes
    ///   - fence: the number of a hold that the request carries
    ///   - executor: of the connection, for what goes on behind the answer
    init(desk: HoldDesk, holds: [Hold], user: CurrentUser, fence: Int64?, executor: LoopExecutor) {
        self.desk = desk
        self.holds = holds
        self.user = user
        self.fence = fence
        self.executor = executor
    }

    /// A visit is written into this slot. The writer's own holds of it end with the commit.
    ///
    /// - Parameter passes: whether others' holds are no obstacle, as an overlap on purpose would not be
    /// - Throws: 409 `SLOT_HELD` if somebody else is booking it
    func take(_ slot: Slot, passes: Bool, in unit: UnitOfWork) throws(APIError) {
        let overlapping = self.holds.filter { $0.slot.overlaps(slot) }
        let own = overlapping.filter { $0.sessionID == self.user.sessionID || $0.fence == self.fence }
        if !passes, let other = overlapping.first(where: { hold in !own.contains { $0.fence == hold.fence } }) {
            throw APIError(
                .slotHeld,
                message: LocalizedText("\(other.name) is booking this time right now", "На цей час зараз записує \(other.name)"),
                extra: [("hold", JSONValue.object(other.json).text)]
            )
        }
        let (desk, user, fence) = (self.desk, self.user, self.fence)
        unit.afterCommit { [executor] in
            // Bounded by Redis's deadline; the answer does not wait for it. Also if none was found: Redis may have been away.
            Task(executorPreference: executor) {
                await desk.booked(slot, own, salonID: user.salonID, sessionID: user.sessionID, fence: fence)
            }
        }
    }
}
