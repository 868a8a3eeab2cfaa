import Foundation
import FuzzTargets
import Testing

@Suite("Replay of what fuzzing found")
struct ReplayTests {
    static let corpus = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "corpus")

    static let targets: [(String, @Sendable ([UInt8]) -> Void)] = [
        ("session", { SessionFuzz.run($0) }), ("inflate", { InflateFuzz.run($0) }), ("commands", { CommandsFuzz.run($0) }),
    ]

    /// A broken invariant ends the process with a sentence; `scripts/fuzz` then tells which file it was.
    @Test("every kept input keeps every invariant", arguments: Self.targets)
    func replay(_ name: String, _ body: @Sendable ([UInt8]) -> Void) throws {
        let files = try FileManager.default.contentsOfDirectory(
            at: Self.corpus.appending(path: name),
            includingPropertiesForKeys: nil
        )
        #expect(!files.isEmpty, "Tests/Fuzz/corpus/\(name) is empty")
        for file in files { body(Array(try Data(contentsOf: file))) }
    }
}
