import NIOCore
import Synchronization

@testable import Hub

/// A keeper of topics without a log, named `state:…`, that says what a test has it say.
final class MemoryStates: EphemeralTopics {
    private struct State {
        var readers: [Int: (name: String, reader: EphemeralReader, tell: @Sendable (EphemeralNews) -> Void)] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    /// The topics that somebody follows, one entry a reader.
    var followed: [String] { self.state.withLock { $0.readers.values.map(\.name).sorted() } }

    /// Who follows.
    var readers: [EphemeralReader] { self.state.withLock { $0.readers.values.map(\.reader) } }

    func claims(_ name: String) -> Bool { name.hasPrefix("state:") }

    func follow(
        _ name: String,
        by reader: EphemeralReader,
        _ tell: @escaping @Sendable (EphemeralNews) -> Void
    ) -> any EphemeralFollowing {
        let id = self.state.withLock { state in
            state.count += 1
            state.readers[state.count] = (name, reader, tell)
            return state.count
        }
        return Following(states: self, id: id)
    }

    private struct Following: EphemeralFollowing {
        let states: MemoryStates
        let id: Int

        func stop() {
            self.states.state.withLock { $0.readers[self.id] = nil }
        }
    }

    /// What its readers are told, even those that have just stopped.
    func teller(_ name: String) -> @Sendable (EphemeralNews) -> Void {
        let tellers = self.state.withLock { $0.readers.values.filter { $0.name == name }.map(\.tell) }
        return { news in for tell in tellers { tell(news) } }
    }

    func say(_ name: String, _ state: Int) {
        self.teller(name)(.event(type: "state:is", data: ByteBuffer(string: "{\"n\":\(state)}")))
    }

    func sayLast(_ name: String, _ state: Int) {
        self.teller(name)(.last(type: "state:is", data: ByteBuffer(string: "{\"n\":\(state)}")))
    }
}
