import NIOCore
import Testing

@testable import adelante

@Suite("What of a connection's answers has not reached the kernel, as a value")
struct OutputDrainageTests {
    @Test("a connection behind small answers is closed at once")
    func small() {
        var drainage = OutputDrainage()
        let isWatched = drainage.begin(bytes: 500, isLast: false)
        let action = drainage.close(.all)
        #expect(!isWatched && action == .now)
    }

    @Test("behind a large one, or the last, it is closed when that has been taken, and what follows it too")
    func large() {
        for (bytes, isLast) in [(100_000, false), (0, true)] {
            var drainage = OutputDrainage()
            // Small, but behind the large one.
            let isWatched = [drainage.begin(bytes: bytes, isLast: isLast), drainage.begin(bytes: 500, isLast: false)]
            let actions = [drainage.close(.output), drainage.close(.output)]
            let ends = [drainage.end(), drainage.end()]
            #expect(isWatched == [true, true])
            #expect(actions == [.whenDrained, .isAsked])
            #expect(ends == [nil, .output])
        }
    }

    @Test("whoever asks for both directions gets both")
    func more() {
        var drainage = OutputDrainage()
        _ = drainage.begin(bytes: 100_000, isLast: false)
        let actions = [drainage.close(.output), drainage.close(.all), drainage.close(.output)]
        let end = drainage.end()
        #expect(actions == [.whenDrained, .isAsked, .isAsked])
        #expect(end == .all)
    }

    @Test("what has been taken keeps nobody from closing, and closes nothing by itself")
    func taken() {
        var drainage = OutputDrainage()
        _ = drainage.begin(bytes: 100_000, isLast: false)
        let end = drainage.end()
        let action = drainage.close(.all)
        #expect(end == nil && action == .now)
    }
}
