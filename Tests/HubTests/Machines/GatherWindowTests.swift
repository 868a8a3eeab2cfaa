import NIOCore
import Testing

@testable import Hub

@Suite("When a gathered question is put")
struct GatherWindowTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    /// The moments, in microseconds, at which questions are put if one more comes at each of these.
    private func questions(_ arrivals: [Int64]) -> [Int64] {
        var window = GatherWindow()
        var put: [Int64] = []
        var rest = arrivals[...]
        var gathered = 0
        for now in stride(from: 0, through: (arrivals.last ?? 0) + 300_000, by: 50) as StrideThrough<Int64> {
            let moment = Self.start + .microseconds(now)
            while let next = rest.first, next <= now {
                rest.removeFirst()
                gathered += 1
                window.add(at: moment)
            }
            guard gathered > 0, window.wait(at: moment) == nil else { continue }
            put.append(now)
            gathered = 0
            window.close()
        }
        return put
    }

    @Test("one that comes alone waits a millisecond")
    func alone() {
        #expect(self.questions([0]) == [1_000])
    }

    @Test("fifty a second come alone: each waits a millisecond")
    func steady() {
        let arrivals = (0..<50).map { Int64($0) * 20_000 }
        #expect(self.questions(arrivals) == arrivals.map { $0 + 1_000 })
    }

    @Test(
        "ten thousand at once, or over some seconds, become a handful of questions",
        arguments: [100, 500, 1_000, 2_000] as [Int64]
    )
    func storm(gap: Int64) {
        let questions = self.questions((0..<5_000).map { $0 * gap })
        let seconds = Double(5_000 * gap) / 1_000_000
        // Until it is known for one, and then five a second.
        #expect(questions.count <= 12 + Int(seconds * 5.5), "\(questions.count) in \(seconds) s")
    }

    @Test("nobody waits longer than the longest time")
    func longest() {
        let questions = self.questions((0..<5_000).map { $0 * 500 })
        for (earlier, later) in zip(questions, questions.dropFirst()) { #expect(later - earlier <= 201_000) }
    }

    @Test("a group that comes at once and waits for its answers is held up for a few of its own gaps only")
    func closedLoop() {
        // Sixty-four within 6.4 ms, again and again, each group 3 ms after the one before it was asked about.
        var window = GatherWindow()
        var now = Self.start
        for round in 0..<20 {
            for _ in 0..<64 {
                now = now + .microseconds(100)
                window.add(at: now)
            }
            var waited = TimeAmount.zero
            while let wait = window.wait(at: now) {
                waited = waited + wait
                now = now + wait
            }
            window.close()
            if round > 0 { #expect(waited <= .milliseconds(3), "round \(round): \(waited)") }
            now = now + .milliseconds(3)
        }
    }

    @Test("nothing gathered is never due")
    func empty() {
        var window = GatherWindow()
        #expect(window.wait(at: Self.start + .hours(1)) != nil)
        window.add(at: Self.start)
        window.close()
        #expect(window.wait(at: Self.start + .hours(1)) != nil)
    }
}
