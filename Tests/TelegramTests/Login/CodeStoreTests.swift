import Redis
import Secrets
import Support
import Testing

@testable import Telegram

@Suite("Codes in Redis", .serialized)
struct CodeStoreTests {
    private static let olena = Account(id: 7, isActive: true, firstName: "Олена", lastName: "")

    private static func begin(_ store: CodeStore, match: NumberMatch? = nil) async throws -> StartCode {
        let code = StartCode(of: OpaqueToken())
        try await store.add(.login(LoginTests.login(match: match)), as: code)
        return code
    }

    private static func login(_ store: CodeStore, _ code: StartCode) async throws -> Login? {
        guard case .login(let login) = try await store.read(code)?.content else { return nil }
        return login
    }

    @Test("of many Telegram users that open one code at once, exactly one owns it")
    func openedAtOnce() async throws {
        try await Services.run { services in
            for _ in 0..<10 {
                let store = services.store()
                let code = try await Self.begin(store)
                let actions = try await atOnce(8) { index in
                    try await store.stepLogin(code) { $0.opened(LoginTests.opening(by: Int64(index), account: Self.olena)) }
                }
                #expect(actions.filter { $0 == .askToConfirm }.count == 1)
                #expect(actions.filter { $0 == .tellUsed }.count == 7)
                let owner = actions.firstIndex(of: .askToConfirm).map { Int64($0) }
                #expect(try await Self.login(store, code)?.owner == owner)
            }
        }
    }

    @Test("of a yes and a no at once, at two nodes, exactly one counts")
    func tappedAtOnce() async throws {
        try await Services.run { services in
            let other = try Services.redis()
            try await Services.running([other]) {
                try await poll("the other node's Redis") { other.isConnected ? () : nil }
                let stores = [services.store(), services.store(redis: other)]
                var outcomes: Set<String> = []
                for round in 0..<40 {
                    let code = try await Self.begin(stores[0])
                    _ = try await stores[0].stepLogin(code) { $0.opened(LoginTests.opening(account: Self.olena)) }
                    let buttons: [Button] = round % 2 == 0 ? [.confirm, .cancel] : [.cancel, .confirm]
                    let actions = try await atOnce(2) { index in
                        try await stores[index].stepLogin(code) { $0.tapped(buttons[index], by: 100, account: Self.olena) }
                    }
                    let login = try #require(try await Self.login(stores[1], code))
                    #expect(login.status.isFinal)
                    let said = Dictionary(uniqueKeysWithValues: zip(buttons, actions))
                    if login.status == .completed {
                        #expect(said[.confirm] == .tellCompleted(isNew: false))
                        #expect(said[.cancel] == .tellLate)
                    } else {
                        #expect(said[.confirm] == .tellCancelled(.user))
                        #expect(said[.cancel] == .tellCancelled(.user))
                    }
                    outcomes.insert(login.status.rawValue)
                }
                #expect(!outcomes.isEmpty)
            }
        }
    }

    @Test("of many takers at once exactly one gets the user, and afterwards there is nothing to take")
    func takenAtOnce() async throws {
        try await Services.run { services in
            let store = services.store()
            for _ in 0..<10 {
                let code = try await Self.begin(store)
                _ = try await store.stepLogin(code) { $0.opened(LoginTests.opening(account: Self.olena)) }
                #expect(try await store.take(code) != .user(7))
                _ = try await store.stepLogin(code) { $0.tapped(.confirm, by: 100, account: Self.olena) }
                let taken = try await atOnce(8) { _ in try await store.take(code) }
                #expect(taken.filter { $0 == .user(7) }.count == 1)
                #expect(taken.filter { $0 == .status(.expired) }.count == 7)
                let mark = try #require(try await store.read(code))
                #expect(CodeStatus(mark) == .expired)
                #expect(mark.remaining <= 60_000)
                _ = try await store.stepLogin(code) { $0.givenBack() }
                #expect(try await store.take(code) == .user(7))
            }
        }
    }

    @Test("a code lives its time; what is over lives 60 s; no step gives a code more time")
    func lifetimes() async throws {
        try await Services.run { services in
            let store = services.store(lifetime: 100)
            let code = try await Self.begin(store)
            let before = try #require(try await store.read(code))
            #expect((99_000...100_000).contains(before.remaining))
            _ = try await store.stepLogin(code) { $0.opened(LoginTests.opening(account: Self.olena)) }
            let opened = try #require(try await store.read(code))
            #expect(opened.remaining <= before.remaining)
            #expect(opened.version == 2)
            _ = try await store.stepLogin(code) { $0.tapped(.confirm, by: 100, account: Self.olena) }
            let completed = try #require(try await store.read(code))
            #expect((59_000...60_000).contains(completed.remaining))
            // Without a change nothing is written.
            _ = try await store.stepLogin(code) { $0.tapped(.confirm, by: 100, account: Self.olena) }
            #expect(try await store.read(code)?.version == 3)
            let short = services.store(lifetime: 1)
            let brief = try await Self.begin(short)
            try await poll("the code is gone") { try await short.read(brief) == nil ? () : nil }
            #expect(try await short.stepLogin(brief) { $0.opened(LoginTests.opening()) } == nil)
            #expect(try await short.take(brief) == .status(.expired))
        }
    }

    @Test("who waits for an admin is found by the account, until the code's time is up")
    func waiting() async throws {
        try await Services.run { services in
            let store = services.store()
            let code = try await Self.begin(store)
            _ = try await store.stepLogin(code) { $0.opened(LoginTests.opening(registration: .approval)) }
            _ = try await store.stepLogin(code) { $0.tapped(.register, by: 100, account: nil) }
            #expect(try await store.waiting(userID: 8) == nil)
            _ = try await store.stepLogin(code) { $0.registered(LoginTests.dismissed) }
            #expect(try await store.waiting(userID: 8) == code)
            #expect(try await store.stepLogin(code) { $0.approved(userID: 8) } == .complete)
            #expect(try await store.take(code) == .user(8))
        }
    }

    @Test("a step that others keep coming before says so, and does not blame Redis")
    func contended() async throws {
        try await Services.run { services in
            let store = services.store()
            let code = StartCode(of: OpaqueToken())
            try await store.add(.login(LoginTests.login()), as: code)
            let (url, key) = (try PrivateRedis.sharedURL(), "\(services.prefix)telegram:code:\(code.text)")
            var version: Int64 = 1
            do {
                _ = try await store.stepLogin(code) { login in
                    _ = login.opened(LoginTests.opening())
                    // Somebody else comes first, each time.
                    version += 1
                    let other = StoredCode(version: version, content: .login(LoginTests.login()), remaining: 60_000)
                    _ = try? Shell.run(["redis-cli", "-u", url, "SET", key, other.text, "PX", "60000"])
                }
                throw Unexpected("a step was made")
            } catch let error as TelegramError {
                #expect(error.code == .contended)
                #expect(error.code.words == "a code of Telegram's kept changing")
                #expect(version == 21)
            }
        }
    }

    @Test("a login's code is no link's and a link's no login's; neither is known under the page's own")
    func kinds() async throws {
        try await Services.run { services in
            let store = services.store()
            let page = OpaqueToken()
            let code = StartCode(of: page)
            try await store.add(.login(LoginTests.login()), as: code)
            #expect(try await store.stepLink(code) { $0.opened(LoginTests.opening()) } == nil)
            let (asStart, again) = (try #require(StartCode(page.text)), try #require(OpaqueToken(code.text)))
            #expect(try await store.read(asStart) == nil)
            #expect(try await store.take(StartCode(of: again)) == .status(.expired))
            let link = StartCode(of: OpaqueToken())
            try await store.add(.link(LinkRequest(createdAt: LoginTests.now, userID: 7)), as: link)
            #expect(try await store.stepLogin(link) { $0.opened(LoginTests.opening()) } == nil)
            #expect(try await store.stepLink(link) { $0.opened(LoginTests.opening()) } == .link(userID: 7))
            guard case .status(let status) = try await store.take(link) else { throw Unexpected("tokens for a link") }
            #expect(status.word == "pending")
        }
    }

    @Test("neither code nor status shows what it is in a description")
    func descriptions() {
        let code = StartCode(of: OpaqueToken())
        var dumped = ""
        dump(code, to: &dumped)
        for text in ["\(code)", String(reflecting: code), dumped] { #expect(!text.contains(code.text)) }
        #expect(CodeStatus.expired.jsonText == #"{"status":"expired"}"#)
    }
}
