import Glibc
import Logging
import NIOCore

/// What time does: leases are renewed, what is over is taken out, and what was lost is written again.
extension BoardFeed {
    func sweep() async {
        // Whether Redis is there or not: what has an end ends.
        let now = try? await self.store.sweep()
        self.eventLoop.execute {
            if let now { self.clockOffset = now - Self.now() }
            let now = Self.now() + self.clockOffset
            for followed in self.followed.values {
                self.tell(followed, followed.mirror.lapse(now: now - 500), version: nil)
            }
        }
    }

    func renew() async {
        let lines = try? await self.eventLoop.submit { () -> ([BoardStore.Renewal], KeptLines) in
            let renewals = self.kept.renewals(now: Self.now() + self.clockOffset, lease: self.settings.lease)
            return (renewals, self.kept)
        }.get()
        guard let (renewals, kept) = lines else { return }
        for start in stride(from: 0, to: renewals.count, by: Self.batch) {
            let batch = Array(renewals[start..<min(start + Self.batch, renewals.count)])
            do throws(DeskError) {
                for missing in try await self.store.renew(batch) {
                    guard let line = kept.lines[.init(board: missing.board, id: missing.id)] else { continue }
                    try await self.write(missing, line)
                }
            } catch {
                return self.logger.debug("leases cannot be renewed", metadata: ["error": "\(error)"])
            }
        }
    }

    /// A line of ours is gone. A member is there as long as its socket; a hold may have been ended by somebody, unless Redis
    /// has lost its memory and nobody else has taken the time since.
    private func write(_ missing: BoardStore.Renewal, _ line: KeptLines.Line) async throws(DeskError) {
        var version: Int64?
        if !line.isPresence {
            guard let state = try await self.store.look([missing.board]).first, state.born != line.born,
                let hold = Hold(line.entry), HoldBook(state, self.settings).mayReturn(hold)
            else { return self.forget(missing.board, missing.id) }
            version = state.version
        }
        // Who has left meanwhile stays away.
        let isWanted = try? await self.eventLoop.submit { self.kept.lines[.init(board: missing.board, id: missing.id)] == line }
            .get()
        guard isWanted == true else { return }
        let (outcome, state) = try await self.store.apply(
            missing.board,
            [.set(line.entry, lease: missing.lease)],
            on: version
        )
        guard outcome == .done else { return }
        var line = line
        line.born = state.born
        let (board, written) = (missing.board, line)
        let isStillWanted = try? await self.eventLoop.submit { () -> Bool in
            guard self.kept.lines[.init(board: board, id: written.entry.id)] != nil else { return false }
            self.kept.keep(board, written)
            return true
        }.get()
        // It left while it was being written.
        if isStillWanted == false { _ = try await self.store.apply(board, [.remove(id: line.entry.id, .lapsed)]) }
    }

    static func now() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
