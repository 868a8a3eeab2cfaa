public import Redis

/// The boards in Redis: who is in a room, which slots of a salon are held. Nothing of it is anywhere else.
public struct BoardStore: Sendable {
    /// One step of a change. Leases are in milliseconds from now.
    enum Step: Sendable {
        /// Adds or replaces a line.
        case set(BoardEntry, lease: Int64)
        /// Removes a line; nothing happens if it is not there.
        case remove(id: String, BoardNote)
        /// Gives a line another lease.
        case lease(id: String, Int64)

        fileprivate var arguments: [RedisArgument] {
            switch self {
            case .set(let entry, let lease): ["set", .string(entry.id), .integer(Int(lease)), .string(entry.text)]
            case .remove(let id, let note): ["del", .string(id), .string(note.text), "-"]
            case .lease(let id, let lease): ["lease", .string(id), .integer(Int(lease)), "-"]
            }
        }
    }

    /// What became of a change.
    enum Outcome: String, Sendable {
        case done
        /// The board has another version by now; nothing was changed.
        case stale
        /// The board has as many lines as it may; nothing was changed.
        case full
    }

    /// A line whose lease is to be renewed.
    struct Renewal: Sendable {
        var board: String
        var id: String
        var lease: Int64
    }

    private let redis: RedisClient
    private let keys: String
    private let leases: String
    /// Where every change is published.
    let channel: String

    /// - Parameters:
    ///   - redis: the command connection
    ///   - prefix: of keys and channel, apart for each database: `adelante:<instance>:`
    public init(redis: RedisClient, prefix: String) {
        self.redis = redis
        self.keys = "\(prefix)desk:"
        self.leases = "\(prefix)desk-leases"
        self.channel = "\(prefix)desks"
    }

    /// Boards as they are now, in the order in which they are named.
    func look(_ boards: [String]) async throws(DeskError) -> [BoardState] {
        let answer = try await self.evaluate(BoardScripts.look, boards, boards.map { .string($0) })
        let parts = answer.elements ?? []
        let now = Int64(parts.first?.string ?? "") ?? 0
        return boards.indices.map { index in
            BoardState(now: now, fields: parts.count > index + 1 ? Self.strings(parts[index + 1]) : [])
        }
    }

    /// Changes a board in one step.
    ///
    /// - Parameters:
    ///   - version: the version on which the change was decided; nil if that does not matter
    ///   - limit: how many lines there may be; 0 for any number
    /// - Returns: what became of it, and the board as it is now
    func apply(
        _ board: String,
        _ steps: [Step],
        on version: Int64? = nil,
        limit: Int = 0
    ) async throws(DeskError) -> (Outcome, BoardState) {
        let head: [RedisArgument] = [.string(board), .string(version.map(String.init) ?? ""), .integer(limit)]
        let answer = try await self.evaluate(BoardScripts.apply, [board], head + steps.flatMap(\.arguments))
        let parts = answer.elements ?? []
        guard parts.count == 3, let outcome = Outcome(rawValue: parts[0].string ?? "") else { throw DeskError.contended }
        return (outcome, BoardState(now: Int64(parts[1].string ?? "") ?? 0, fields: Self.strings(parts[2])))
    }

    /// Renews leases in one step.
    ///
    /// - Returns: the lines that are not there
    func renew(_ renewals: [Renewal]) async throws(DeskError) -> [Renewal] {
        let arguments = renewals.flatMap { [.string($0.board), .string($0.id), .integer(Int($0.lease))] as [RedisArgument] }
        let answer = try await self.evaluate(BoardScripts.renew, Array(Set(renewals.map(\.board))), arguments)
        return (answer.elements ?? []).compactMap { $0.int.map { $0 - 1 } }
            .filter(renewals.indices.contains)
            .map { renewals[$0] }
    }

    /// Takes out what is over, of all boards.
    ///
    /// - Returns: Redis's clock, in milliseconds since 1970
    func sweep() async throws(DeskError) -> Int64 {
        Int64(try await self.evaluate(BoardScripts.sweep, [], []).string ?? "") ?? 0
    }

    private func evaluate(
        _ script: RedisScript,
        _ boards: [String],
        _ arguments: [RedisArgument]
    ) async throws(DeskError) -> RESPValue {
        do throws(RedisError) {
            return try await self.redis.evaluate(
                script,
                keys: [self.leases] + boards.map { self.keys + $0 },
                arguments: [.string(self.keys), .string(self.channel)] + arguments
            )
        } catch {
            throw DeskError(error)
        }
    }

    private static func strings(_ value: RESPValue) -> [String] {
        (value.elements ?? []).map { $0.string ?? "" }
    }
}
