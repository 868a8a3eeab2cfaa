import NIOCore
import Testing

@testable import Hub

@Suite("Logins that were looked up a moment ago")
struct LoginCacheTests {
    private static let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    private func principal(_ session: Int64, user: Int64 = 1) -> Principal {
        Principal(userID: user, salonID: 7, sessionID: session, role: "owner", expiresAt: 0)
    }

    private func login(_ session: Int64, user: Int64 = 1) -> Login {
        Login(userID: user, sessionID: session, expiresAt: 5)
    }

    @Test("one is found for three seconds, counted from when its look-up began")
    func lifetime() {
        var cache = LoginCache()
        cache.remember(self.principal(100), accessTopic: "access", stamp: 3, readAt: Self.start)
        #expect(cache.find(self.login(100), now: Self.start)?.stamp == 3)
        #expect(cache.find(self.login(100), now: Self.start + .milliseconds(2_999))?.principal == self.principal(100))
        #expect(cache.find(self.login(100), now: Self.start + .milliseconds(3_000)) == nil)
    }

    @Test("no other session is, nor the same of somebody else")
    func others() {
        var cache = LoginCache()
        cache.remember(self.principal(100), accessTopic: "access", stamp: 0, readAt: Self.start)
        #expect(cache.find(self.login(101), now: Self.start) == nil)
        #expect(cache.find(self.login(100, user: 2), now: Self.start) == nil)
    }

    @Test("it is bounded, and has room again when the old ones have gone")
    func bounded() {
        var cache = LoginCache()
        for session in 0..<Int64(LoginCache.capacity) {
            cache.remember(self.principal(session), accessTopic: "access", stamp: 0, readAt: Self.start)
        }
        cache.remember(self.principal(-1), accessTopic: "access", stamp: 0, readAt: Self.start)
        #expect(cache.find(self.login(-1), now: Self.start) == nil)
        // One that is there may be renewed.
        cache.remember(self.principal(0), accessTopic: "access", stamp: 9, readAt: Self.start + .milliseconds(500))
        #expect(cache.find(self.login(0), now: Self.start)?.stamp == 9)
        cache.prune(now: Self.start + .seconds(3))
        #expect(cache.find(self.login(0), now: Self.start)?.stamp == 9)
        cache.remember(self.principal(-1), accessTopic: "access", stamp: 0, readAt: Self.start)
        #expect(cache.find(self.login(-1), now: Self.start) != nil)
        cache.removeAll()
        #expect(cache.find(self.login(-1), now: Self.start) == nil)
    }
}
