import NIOEmbedded
import Testing

@testable import REST

@Suite("Workbooks on their way")
struct DownloadsTests {
    @Test("a user has a share of the places, and a place that nobody holds any more is free again")
    func share() throws {
        let downloads = Downloads(capacity: 3, share: 2)
        var held = try [downloads.begin(by: 1), downloads.begin(by: 1)]
        let refusal = #expect(throws: APIError.self) { _ = try downloads.begin(by: 1) }
        #expect(refusal?.code == .rateLimited && refusal?.retryAfter != nil)
        held.removeLast()
        held.append(try downloads.begin(by: 1))
        #expect(held.count == 2)
    }

    @Test("others have the rest of them, and nobody has more than all")
    func capacity() throws {
        let downloads = Downloads(capacity: 3, share: 2)
        var held = try [downloads.begin(by: 1), downloads.begin(by: 1), downloads.begin(by: 2)]
        for user in [2, 3] as [Int64] {
            let refusal = #expect(throws: APIError.self) { _ = try downloads.begin(by: user) }
            #expect(refusal?.code == .unavailable && refusal?.retryAfter != nil)
        }
        held.removeFirst()
        held.append(try downloads.begin(by: 3))
        #expect(held.count == 3)
    }

    @Test("a connection has a minute, and a second for each 16 KiB, to take a file")
    func deadline() throws {
        let channel = EmbeddedChannel()
        _ = Download.deadline(for: 160 << 10, on: channel)
        let other = EmbeddedChannel()
        let inTime = Download.deadline(for: 160 << 10, on: other)
        for each in [channel, other] {
            try each.connect(to: .init(unixDomainSocketPath: "/nowhere")).wait()
            each.embeddedEventLoop.advanceTime(by: .seconds(69))
            #expect(each.isActive)
        }
        inTime.cancel()
        for each in [channel, other] { each.embeddedEventLoop.advanceTime(by: .seconds(1)) }
        #expect(!channel.isActive && other.isActive)
    }
}
