import NIOCore
import Testing

@testable import Hub

@Suite("When a gathered question is put")
struct GatherWindowTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func at(_ milliseconds: Int64) -> NIODeadline { Self.start + .milliseconds(milliseconds) }

    /// The millisecond at which the question is put, if one more comes at each of these.
    private func put(_ arrivals: [Int64]) -> Int64? {
        var window = GatherWindow()
        var rest = arrivals[...]
        for now in 0...10_000 as ClosedRange<Int64> {
            while rest.first == now {
                rest.removeFirst()
                window.add(at: self.at(now))
            }
            if window.wait(at: self.at(now)) == nil { return now }
        }
        return nil
    }

    @Test("one that comes alone waits a millisecond")
    func alone() {
        #expect(self.put([0]) == 1)
    }

    @Test(
        "several that come together wait until none has come for a while",
        arguments: [[0, 0], [0, 0, 2, 4, 9], [0, 0, 5]] as [[Int64]]
    )
    func together(arrivals: [Int64]) {
        #expect(self.put(arrivals) == arrivals[arrivals.count - 1] + 5)
    }

    @Test("while they keep coming, nobody waits longer than the longest time")
    func storm() {
        #expect(self.put([0] + Array(0...1_000)) == 150)
    }

    @Test("nothing gathered is never due, and a window that was closed begins anew")
    func closed() {
        var window = GatherWindow()
        #expect(window.wait(at: self.at(0)) != nil)
        window.add(at: self.at(0))
        window.add(at: self.at(0))
        #expect(window.wait(at: self.at(5)) == nil)
        window.close()
        #expect(window.wait(at: self.at(5_000)) != nil)
        window.add(at: self.at(6_000))
        #expect(window.wait(at: self.at(6_000)) == .milliseconds(1))
    }
}
