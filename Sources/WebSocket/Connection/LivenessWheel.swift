import NIOCore

/// What has deadlines on a ``LivenessWheel``.
protocol WheelMember: AnyObject {
    /// Where it stands; the wheel's own.
    var wheelPlace: LivenessWheel.Place { get set }
    /// Does what is due.
    /// - Returns: When to ask again; nil if never.
    func tick(now: NIODeadline) -> NIODeadline?
    /// Ends it without a word.
    func closeNow()
}

/// The deadlines of all connections of an event loop under one timer: 10,000 idle sockets cost no timer of their own.
///
/// A hashed wheel: each stands in the slot of its next deadline, in none once it is closed. Traffic does not move it;
/// when its slot comes up it is asked what is due and says when to ask again.
final class LivenessWheel {
    /// A connection's place in the wheel.
    struct Place {
        fileprivate var slot: Int32 = -1
        fileprivate var index: Int32 = -1
    }

    private let eventLoop: any EventLoop
    private let granularity: TimeAmount
    private var slots: [[any WheelMember]]
    private var current = 0
    private var currentTime: NIODeadline
    private var isTicking = false
    /// How many connections and handshakes stand in the wheel.
    private(set) var count = 0

    /// All of them, in no order.
    var members: [any WheelMember] { self.slots.flatMap { $0 } }

    init(eventLoop: any EventLoop, granularity: TimeAmount = .milliseconds(100), slots: Int = 512) {
        self.eventLoop = eventLoop
        self.granularity = granularity
        self.slots = Array(repeating: [], count: slots)
        self.currentTime = eventLoop.now
    }

    /// Puts a member into the slot of `deadline`, wherever it stood before.
    ///
    /// Deadlines beyond the wheel's circumference are asked about early, which does no harm.
    func set(_ member: any WheelMember, to deadline: NIODeadline) {
        self.eventLoop.assertInEventLoop()
        self.remove(member)
        self.startTicking()
        let distance = (deadline - self.currentTime).nanoseconds
        let ticks = (max(0, distance) + self.granularity.nanoseconds - 1) / self.granularity.nanoseconds
        let slot = (self.current + Int(min(max(1, ticks), Int64(self.slots.count - 1)))) % self.slots.count
        member.wheelPlace = Place(slot: Int32(slot), index: Int32(self.slots[slot].count))
        self.slots[slot].append(member)
        self.count += 1
    }

    /// Takes a member out; nothing happens if it isn't in.
    func remove(_ member: any WheelMember) {
        let place = member.wheelPlace
        guard place.slot >= 0 else { return }
        member.wheelPlace = Place()
        self.count -= 1
        let last = self.slots[Int(place.slot)].removeLast()
        guard last !== member else { return }
        self.slots[Int(place.slot)][Int(place.index)] = last
        last.wheelPlace.index = place.index
    }

    private func startTicking() {
        guard !self.isTicking else { return }
        self.isTicking = true
        self.currentTime = self.eventLoop.now
        self.schedule()
    }

    private func schedule() {
        self.eventLoop.assumeIsolated().scheduleTask(deadline: self.currentTime + self.granularity) { self.tick() }
    }

    private func tick() {
        let now = self.eventLoop.now
        while self.currentTime + self.granularity <= now {
            self.currentTime = self.currentTime + self.granularity
            self.current = (self.current + 1) % self.slots.count
            self.processCurrentSlot()
        }
        if self.count == 0 {
            self.isTicking = false
        } else {
            self.schedule()
        }
    }

    private func processCurrentSlot() {
        // One at a time: what a connection does may close others of this very slot.
        while let member = self.slots[self.current].last {
            self.remove(member)
            if let next = member.tick(now: self.currentTime) { self.set(member, to: next) }
        }
        if self.slots[self.current].capacity > 64 { self.slots[self.current] = [] }
    }
}
