import JSON
import NIOCore
import Synchronization

@testable import Hub

/// A keeper of topics without a log, named `state:…`, that says what a test has it say.
final class MemoryStates: EphemeralRooms {
    private struct State {
        /// What was done, in order: `enter state:r {…}`, `stop state:r`.
        var steps: [String] = []
        var askedAgain = 0
        var readers: [Int: (name: String, reader: EphemeralReader, tell: @Sendable (EphemeralNews) -> Void)] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    /// The topics that somebody follows, one entry a reader.
    var followed: [String] { self.state.withLock { $0.readers.values.map(\.name).sorted() } }

    /// Who follows.
    var readers: [EphemeralReader] { self.state.withLock { $0.readers.values.map(\.reader) } }

    /// What was done since the last look.
    func takeSteps() -> [String] {
        self.state.withLock { state in
            defer { state.steps = [] }
            return state.steps
        }
    }

    /// How often a whole state was asked for again.
    var askedAgain: Int { self.state.withLock { $0.askedAgain } }

    func topic(ofRoom room: String) -> String { "state:" + room }

    func enter(
        _ name: String,
        by reader: EphemeralReader,
        state: JSONObject?,
        _ tell: @escaping @Sendable (EphemeralNews) -> Void
    ) -> any EphemeralFollowing {
        self.state.withLock { $0.steps.append("enter \(name) \(state.map { JSONValue.object($0).text } ?? "-")") }
        guard let following = self.follow(name, by: reader, tell) as? Following else { preconditionFailure("it is ours") }
        return Following(states: self, id: following.id, canTellAgain: true)
    }

    func claims(_ name: String) -> Bool { name.hasPrefix("state:") }

    /// A `master` may not follow what begins with `state:owners`.
    func mayFollow(_ name: String, by reader: EphemeralReader) -> Bool {
        !name.hasPrefix("state:owners") || reader.principal?.role != "master"
    }

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
        return Following(states: self, id: id, canTellAgain: false)
    }

    private struct Following: EphemeralFollowing {
        let states: MemoryStates
        let id: Int
        let canTellAgain: Bool

        func stop() {
            self.states.state.withLock { state in
                guard let reader = state.readers.removeValue(forKey: self.id) else { return }
                if self.canTellAgain { state.steps.append("stop \(reader.name)") }
            }
        }

        func tellAgain() {
            self.states.state.withLock { $0.askedAgain += 1 }
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
