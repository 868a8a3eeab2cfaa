import Glibc
import JSON
import Testing

@Suite("Limits")
struct LimitTests {
    @Test("takes as many levels as allowed and not one more", arguments: [1, 2, 64, 512])
    func depth(_ limit: Int) throws {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            func text(_ depth: Int) -> String {
                String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
            }
            #expect(throws: Never.self) { try JSONValue(parsing: text(limit), limits: JSONLimits(maxDepth: limit)) }
            let error = #expect(throws: JSONError.self) {
                try JSONValue(parsing: text(limit + 1), limits: JSONLimits(maxDepth: limit))
            }
            #expect(error?.code == .tooDeep)
            #expect(error?.offset == limit * open.utf8.count)
        }
    }

    @Test("levels that are closed do not count")
    func closedLevels() throws {
        let text = "[" + String(repeating: "[[]],{\"a\":{}},", count: 1000) + "0]"
        #expect(try JSONValue(parsing: text, limits: JSONLimits(maxDepth: 3)).array?.count == 2001)
    }

    @Test("no depth at all leaves the scalars")
    func scalarsOnly() throws {
        #expect(try JSONValue(parsing: "5", limits: JSONLimits(maxDepth: 0)) == 5)
        #expect(throws: JSONError.self) { try JSONValue(parsing: "[]", limits: JSONLimits(maxDepth: 0)) }
    }

    @Test("a million opening brackets are refused, whatever depth is asked for")
    func hostileDepth() {
        for opening in ["[", "{\"a\":"] {
            let text = String(repeating: opening, count: 1_000_000)
            let error = #expect(throws: JSONError.self) {
                try JSONValue(parsing: text, limits: JSONLimits(maxDepth: .max))
            }
            #expect(error?.code == .tooDeep)
            #expect(error?.offset == JSONLimits.greatestDepth * opening.utf8.count)
        }
    }

    @Test("takes as many bytes as allowed and not one more")
    func size() throws {
        let limits = JSONLimits(maxBytes: 5)
        #expect(try JSONValue(parsing: "\"abc\"", limits: limits) == "abc")
        let error = #expect(throws: JSONError.self) { try JSONValue(parsing: "\"abcd\"", limits: limits) }
        #expect(error?.code == .tooLarge)
    }

    /// What reading costs this thread, in nanoseconds of its processor time: the shortest of five readings.
    private static func cost(of text: String, count: Int) throws -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) * 1e9 + Double(time.tv_nsec)
        }
        var shortest = Double.infinity
        for _ in 0..<5 {
            let start = now()
            let value = try JSONValue(parsing: text)
            shortest = min(shortest, now() - start)
            #expect(value.object?.count == count)
        }
        return shortest
    }

    private static func object(_ names: [String]) -> String {
        "{" + names.map { "\"\($0)\":0" }.joined(separator: ",") + "}"
    }

    @Test("the time for an object follows its length, not its square")
    func manyKeys() throws {
        let names = (0..<10_000).map { "name\($0)" }
        let small = try Self.cost(of: Self.object(Array(names.prefix(500))), count: 500)
        let large = try Self.cost(of: Self.object(names), count: 10_000)
        // Twenty times as long; a scan for each member would take four hundred times as long.
        #expect(large / small < 150)
        let value = try JSONValue(parsing: Self.object(names))
        #expect(value.object?.keys == names)
        #expect(names.allSatisfy { value[$0] == 0 })
        #expect(value["name10000"] == nil)
    }

    @Test("names that are canonically equivalent do not slow the index down")
    func equivalentNames() throws {
        // Orders of combining marks of different classes: one name to String, 720 to us.
        let marks = ["\u{0301}", "\u{0323}", "\u{0327}", "\u{031B}", "\u{0345}", "\u{0334}"]
        var names = [""]
        for length in 0..<marks.count {
            names = names.flatMap { name in
                (0...length).map { place in
                    var scalars = Array(name.unicodeScalars)
                    scalars.insert(contentsOf: marks[length].unicodeScalars, at: place)
                    var view = String.UnicodeScalarView()
                    view.append(contentsOf: scalars)
                    return String(view)
                }
            }
        }
        #expect(Set(names).count == 1)
        let plain = try Self.cost(of: Self.object(names.indices.map { "name number \($0)" }), count: 720)
        let equivalent = try Self.cost(of: Self.object(names.map { "a" + $0 }), count: 720)
        // All in one bucket of the index would be hundreds of comparisons of Unicode text for each name.
        #expect(equivalent / plain < 100)
    }
}
