import Foundation
import NIOCore
import Testing

@testable import WebSocket

@Suite("Seeded fuzzing of the session")
struct FuzzTests {
    /// `FUZZ_FACTOR=100` in the environment: so many times as long.
    static let factor = ProcessInfo.processInfo.environment["FUZZ_FACTOR"].flatMap { Int($0) } ?? 1

    /// Bytes that are mostly frames, so that the inner states are reached, with every sort of damage.
    static func wire(_ random: inout SeededRandom) -> [UInt8] {
        var wire: [UInt8] = []
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let opcodes: [UInt8] = [0x0, 0x1, 0x1, 0x2, 0x8, 0x9, 0xA]
            var first = opcodes[Int.random(in: 0..<opcodes.count, using: &random)]
            if Int.random(in: 0..<3, using: &random) > 0 { first |= 0x80 }
            if Int.random(in: 0..<4, using: &random) == 0 { first |= 0x40 }
            let size = [0, 1, 2, 7, 125, 126, 200][Int.random(in: 0..<7, using: &random)]
            var payload = (0..<size).map { _ in UInt8.random(in: 0x20...0x7E, using: &random) }
            switch Int.random(in: 0..<6, using: &random) {
            case 0: payload = [0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00]
            case 1: payload = [0x03, 0xE8] + payload
            case 2: payload = Array("Їжак 🦔 €".utf8)
            default: break
            }
            let key = (0..<4).map { _ in UInt8.random(in: 0...255, using: &random) }
            wire += ClientFrames.frame(first, payload, key: key)
        }
        for _ in 0..<Int.random(in: 0...2, using: &random) {
            wire[Int.random(in: 0..<wire.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        return wire
    }

    @Test("whatever comes, it ends in a rightful state, and says the same however the bytes are cut", arguments: 0..<8)
    func damaged(_ part: Int) {
        var random = SeededRandom(seed: 0xADE1 + UInt64(part))
        for round in 0..<4_000 * Self.factor {
            let wire = Self.wire(&random)
            let deflate = Bool.random(using: &random)
            let closesAt = Int.random(in: 0..<4, using: &random) == 0 ? Int.random(in: 0...wire.count, using: &random) : nil
            let whole = Session(maxMessageBytes: 300, maxFragments: 4, deflate: deflate)
            let cut = Session(maxMessageBytes: 300, maxFragments: 4, deflate: deflate)
            let edge = closesAt ?? wire.count
            whole.feed(wire[..<edge])
            if closesAt != nil { _ = whole.startClose() }
            whole.feed(wire[edge...])
            var index = 0
            while index < wire.count {
                if index == edge, closesAt != nil { _ = cut.startClose() }
                let limit = index < edge ? edge : wire.count
                let next = min(limit, index + Int.random(in: 1...40, using: &random))
                cut.feed(wire[index..<next])
                index = next
            }
            if whole.log != cut.log {
                Issue.record("part \(part), round \(round): \(whole.log) is not \(cut.log)")
                return
            }
            let ends = whole.log.filter { $0.hasPrefix("close") || $0.hasPrefix("fail") || $0 == "drop" }
            if ends.count > 1 || (ends.count == 1 && whole.log.last != ends[0]) {
                Issue.record("part \(part), round \(round): goes on after its end: \(whole.log)")
                return
            }
            if !ends.isEmpty && whole.isOpen {
                Issue.record("part \(part), round \(round): open after its end")
                return
            }
        }
    }

    @Test("random bytes never inflate beyond the limit", arguments: 0..<4)
    func inflate(_ part: Int) throws {
        var random = SeededRandom(seed: 0x1F1A + UInt64(part))
        var inflater = Inflater()
        var deflater = Deflater(windowBits: 9 + part)
        for round in 0..<5_000 * Self.factor {
            let size = Int.random(in: 0...120, using: &random)
            let source = ByteBuffer(bytes: (0..<size).map { _ in UInt8.random(in: 0x40...0x4F, using: &random) })
            var bytes = Array(try deflater.deflate(source).readableBytesView)
            let isDamaged = Bool.random(using: &random)
            if isDamaged {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            }
            do {
                let back = try inflater.inflate(ByteBuffer(bytes: bytes), limit: 100)
                if back.readableBytes > 100 || (!isDamaged && back != source) {
                    Issue.record("part \(part), round \(round)")
                    return
                }
            } catch {
                if !isDamaged && (error.code != .messageTooBig || size <= 100) {
                    Issue.record("part \(part), round \(round): \(error)")
                    return
                }
            }
        }
    }
}
