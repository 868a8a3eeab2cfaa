import NIOCore
import Synchronization

@testable import Hub

/// A keeper of held slots that says what a test has it say: they stand beside every `appointments`.
final class MemoryHolds: SlotHolds {
    typealias Answer = @Sendable (SlotAnswer) -> Void

    private struct State {
        var followers: [Int: (topic: String, tell: @Sendable (SlotNews) -> Void)] = [:]
        var count = 0
        var commands: [(text: String, answer: Answer)] = []
        var left: [String] = []
    }

    private let state = Mutex(State())

    /// What was asked for and not answered yet.
    var commands: [String] { self.state.withLock { $0.commands.map(\.text) } }
    /// The sockets that have left: `<connection> <at once>`.
    var left: [String] { self.state.withLock { $0.left } }
    /// The topics that are followed, one entry a loop.
    var followed: [String] { self.state.withLock { $0.followers.values.map(\.topic).sorted() } }

    func topic(for principal: Principal) -> String { "salon/\(principal.salonID)/appointments" }

    func accompanies(_ topic: String) -> Bool { topic.hasSuffix("/appointments") }

    func follow(_ topic: String, _ tell: @escaping @Sendable (SlotNews) -> Void) -> any EphemeralFollowing {
        let id = self.state.withLock { state in
            state.count += 1
            state.followers[state.count] = (topic, tell)
            return state.count
        }
        return Following(holds: self, id: id)
    }

    private struct Following: EphemeralFollowing {
        let holds: MemoryHolds
        let id: Int

        func stop() {
            self.holds.state.withLock { $0.followers[self.id] = nil }
        }
    }

    func hold(_ slot: SlotWish, by reader: EphemeralReader, _ answer: @escaping Answer) {
        self.state.withLock { $0.commands.append(("hold \(slot.staffID ?? 0) by \(reader.connection)", answer)) }
    }

    func release(_ slot: SlotWish, by reader: EphemeralReader, _ answer: @escaping Answer) {
        self.state.withLock { $0.commands.append(("release \(slot.fence ?? 0) by \(reader.connection)", answer)) }
    }

    func left(_ reader: EphemeralReader, atOnce: Bool) {
        self.state.withLock { $0.left.append("\(reader.connection) \(atOnce)") }
    }

    // MARK: What a test has it say

    func say(_ news: SlotNews) {
        let tellers = self.state.withLock { $0.followers.values.map(\.tell) }
        for tell in tellers { tell(news) }
    }

    func answer(_ answer: SlotAnswer) {
        let command = self.state.withLock { $0.commands.removeFirst() }
        command.answer(answer)
    }

    static func event(_ type: String, _ number: Int) -> SlotEvent {
        SlotEvent(type: type, data: ByteBuffer(string: "{\"n\":\(number)}"))
    }

    func sayHeld(_ number: Int, by connection: String = "somebody") {
        self.say(
            .held(name: "\(number)", by: connection, held: Self.event("slot:held", number), gone: Self.event("slot:lost", number))
        )
    }

    func sayGone(_ number: Int, by connection: String? = nil) {
        self.say(.gone(name: "\(number)", by: connection, Self.event("slot:released", number)))
    }
}
