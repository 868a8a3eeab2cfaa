import Curl
import JSON
import Synchronization

@testable import Telegram

/// Telegram as a script: the next answer for each request, which it keeps.
final class ScriptedTransport: BotTransport {
    private struct State {
        var answers: [Result<CurlResponse, CurlError>]
        var requests: [CurlRequest] = []
    }

    private let state: Mutex<State>

    init(_ answers: [Result<CurlResponse, CurlError>]) {
        self.state = Mutex(State(answers: answers))
    }

    convenience init(_ answers: (status: Int, json: JSONValue)...) {
        self.init(answers.map { .success(CurlResponse(status: $0.status, body: $0.json.jsonBytes)) })
    }

    var requests: [CurlRequest] { self.state.withLock { $0.requests } }

    func send(_ request: CurlRequest) async throws(CurlError) -> CurlResponse {
        let answer = self.state.withLock { state in
            state.requests.append(request)
            return state.answers.isEmpty ? .failure(CurlError(.closed, "the script is over")) : state.answers.removeFirst()
        }
        return try answer.get()
    }
}

/// A clock on which every sleep is over at once, and remembered.
final class InstantClock: Clock {
    typealias Duration = Swift.Duration

    struct Instant: InstantProtocol {
        var offset = Duration.zero
        func advanced(by duration: Duration) -> Instant { Instant(offset: self.offset + duration) }
        func duration(to other: Instant) -> Duration { other.offset - self.offset }
        static func < (left: Instant, right: Instant) -> Bool { left.offset < right.offset }
    }

    private let sleeps = Mutex<[Duration]>([])

    let now = Instant()
    let minimumResolution = Duration.zero
    var slept: [Duration] { self.sleeps.withLock { $0 } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        self.sleeps.withLock { $0.append(deadline.offset) }
    }
}

/// How a call to the Bot API fails; nil if it does not.
func failure(_ body: () async throws(BotError) -> Void) async -> BotError? {
    do throws(BotError) {
        try await body()
        return nil
    } catch {
        return error
    }
}
