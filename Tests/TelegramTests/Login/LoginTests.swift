import Testing

@testable import Telegram

/// What happens to a login, in order, and what comes of the last of it.
@Suite("A login's machine")
struct LoginTests {
    static let now: Int64 = 1_800_000_000
    static let olena = Account(id: 7, isActive: true, firstName: "Олена", lastName: "Коваль")
    static let dismissed = Account(id: 8, isActive: false, firstName: "Ірина", lastName: "")
    static let origin = LoginOrigin(device: "Firefox, Linux", address: "192.0.2.1", time: "25.11.2026 07:12")
    static let match = NumberMatch(right: 42, choices: [17, 42, 88])

    static func login(salon: Int64? = 1, match: NumberMatch? = nil) -> Login {
        Login(createdAt: self.now, salonID: salon, origin: self.origin, match: match)
    }

    static func opening(
        by person: Int64 = 100,
        sentAt: Int64 = now,
        now: Int64 = now,
        account: Account? = nil,
        registration: RegistrationPolicy = .open
    ) -> Login.Opening {
        Login.Opening(
            person: person,
            sentAt: sentAt,
            now: now,
            lifetime: 300,
            account: account,
            registration: registration
        )
    }

    @Test("a person with an account confirms, and one taker gets the tokens")
    func known() {
        var login = Self.login()
        #expect(login.taken() == .tellStatus)
        #expect(login.opened(Self.opening(account: Self.olena)) == .askToConfirm)
        #expect(login.status == .confirmed)
        #expect(login.taken() == .tellStatus)
        #expect(login.tapped(.confirm, by: 100, account: Self.olena) == .tellCompleted(isNew: false))
        #expect(login.status == .completed)
        #expect(login.taken() == .handOver(userID: 7))
    }

    @Test(
        "tokens are taken once, also by whoever asks again; its owner is still told that it went well, nobody else that it is open"
    )
    func taken() {
        var login = Self.login()
        _ = login.opened(Self.opening(account: Self.olena))
        _ = login.tapped(.confirm, by: 100, account: Self.olena)
        #expect(login.taken() == .handOver(userID: 7))
        #expect(login.taken() == .tellStatus)
        #expect(login.tapped(.confirm, by: 100, account: Self.olena) == .tellCompleted(isNew: false))
        #expect(login.opened(Self.opening(by: 200, account: Self.olena)) == .tellUsed)
        let stored = StoredCode(version: 3, content: .login(login), remaining: 5_000)
        #expect(StoredCode(text: stored.text, remaining: 5_000) == stored)
        #expect(CodeStatus(stored) == .expired)
    }

    @Test("tokens that could not be made can be asked for again")
    func givenBack() {
        var login = Self.login()
        _ = login.opened(Self.opening(account: Self.olena))
        _ = login.tapped(.confirm, by: 100, account: Self.olena)
        _ = login.taken()
        login.givenBack()
        #expect(login.taken() == .handOver(userID: 7))
    }

    @Test("who is asked to register and has an account by then is logged in to it, or not if it is switched off")
    func registeredElsewhere() {
        var active = Self.login()
        _ = active.opened(Self.opening())
        #expect(active.tapped(.register, by: 100, account: Self.olena) == .tellCompleted(isNew: false))
        #expect(active.taken() == .handOver(userID: 7))
        var inactive = Self.login()
        _ = inactive.opened(Self.opening())
        #expect(inactive.tapped(.register, by: 100, account: Self.dismissed) == .tellCancelled(.inactive))
        #expect(inactive.reason == .inactive)
        // Asked for the number first, as everybody is.
        var matching = Self.login(match: Self.match)
        _ = matching.opened(Self.opening())
        #expect(matching.tapped(.register, by: 100, account: Self.olena) == .askNumber([17, 42, 88]))
        #expect(matching.tapped(.number(42), by: 100, account: Self.olena) == .tellCompleted(isNew: false))
    }

    @Test("an approval that its login did not hear of counts at the next tap")
    func approvedUnheard() {
        var login = Self.login()
        _ = login.opened(Self.opening(registration: .approval))
        _ = login.tapped(.register, by: 100, account: nil)
        _ = login.registered(Self.dismissed)
        let approved = Account(id: 8, isActive: true, firstName: "Ірина", lastName: "")
        #expect(login.tapped(.register, by: 100, account: Self.olena) == .tellAwaitingApproval)
        #expect(login.tapped(.register, by: 100, account: approved) == .tellCompleted(isNew: true))
        #expect(login.taken() == .handOver(userID: 8))
    }

    @Test("a person without one registers; the login completes once the account is there")
    func unknown() {
        var login = Self.login()
        #expect(login.opened(Self.opening()) == .askToRegister)
        #expect(login.status == .awaitingConfirmation)
        #expect(login.tapped(.register, by: 100, account: nil) == .register(salonID: 1))
        #expect(login.status == .awaitingConfirmation)
        #expect(login.registered(Self.olena) == .tellCompleted(isNew: true))
        #expect(login.taken() == .handOver(userID: 7))
    }

    @Test("an account that an admin has to approve waits, and completes when it is switched on")
    func approval() {
        var login = Self.login()
        _ = login.opened(Self.opening(registration: .approval))
        _ = login.tapped(.register, by: 100, account: nil)
        #expect(login.registered(Self.dismissed) == .tellAwaitingApproval)
        #expect(login.status == .awaitingApproval)
        #expect(!login.status.isFinal)
        #expect(login.tapped(.register, by: 100, account: Self.dismissed) == .tellAwaitingApproval)
        #expect(login.approved(userID: 9) == .doNothing)
        #expect(login.approved(userID: 8) == .complete)
        #expect(login.taken() == .handOver(userID: 8))
        #expect(login.approved(userID: 8) == .doNothing)
    }

    @Test(
        "who may not register is told, and the login is over",
        arguments: [(RegistrationPolicy.closed, Int64?(1)), (.open, nil)]
    )
    func closed(_ registration: RegistrationPolicy, _ salon: Int64?) {
        var login = Self.login(salon: salon)
        let action = login.opened(Self.opening(registration: registration))
        #expect(action == .tellCancelled(.registrationClosed))
        #expect(login.status == .cancelled)
        #expect(login.reason == .registrationClosed)
        var known = Self.login(salon: salon)
        #expect(known.opened(Self.opening(account: Self.olena, registration: registration)) == .askToConfirm)
    }

    @Test("an account that is switched off cannot log in, whether before the question or between question and tap")
    func inactive() {
        var before = Self.login()
        #expect(before.opened(Self.opening(account: Self.dismissed)) == .tellCancelled(.inactive))
        #expect(before.status == .cancelled)
        for account in [Self.dismissed, nil] {
            var between = Self.login()
            _ = between.opened(Self.opening(account: Self.olena))
            #expect(between.tapped(.confirm, by: 100, account: account) == .tellCancelled(.inactive))
            #expect(between.reason == .inactive)
        }
    }

    @Test("the first Telegram user owns it: nobody else opens it, and nobody else's tap does anything")
    func owner() {
        var login = Self.login()
        _ = login.opened(Self.opening(by: 100, account: Self.olena))
        let owned = login
        #expect(login.opened(Self.opening(by: 200, account: Self.olena)) == .tellUsed)
        for button in [Button.confirm, .register, .cancel, .number(42)] {
            #expect(login.tapped(button, by: 200, account: Self.olena) == .tellForeign)
        }
        #expect(login == owned)
        #expect(login.opened(Self.opening(by: 100, account: Self.olena)) == .askToConfirm)
        #expect(login == owned)
        var untouched = Self.login()
        #expect(untouched.tapped(.confirm, by: 100, account: Self.olena) == .tellForeign)
        #expect(untouched == Self.login())
    }

    @Test("a tap does what was asked, whatever its data says")
    func forged() {
        var confirmed = Self.login()
        _ = confirmed.opened(Self.opening(account: Self.olena))
        let asked = confirmed
        for button in [Button.register, .number(42)] {
            #expect(confirmed.tapped(button, by: 100, account: Self.olena) == .tellLate)
            #expect(confirmed == asked)
        }
        var unknown = Self.login()
        _ = unknown.opened(Self.opening())
        #expect(unknown.tapped(.confirm, by: 100, account: nil) == .tellLate)
        #expect(unknown.status == .awaitingConfirmation)
        #expect(unknown.registered(Self.olena) == .tellLate)
        #expect(unknown.status == .awaitingConfirmation)
    }

    @Test(
        "the number is asked for after the tap; the right one goes on, a wrong one cancels, and asking again shows the same three"
    )
    func number() {
        for number in [17, 88, 5] {
            var login = Self.login(match: Self.match)
            #expect(login.opened(Self.opening(account: Self.olena)) == .askToConfirm)
            #expect(login.tapped(.number(42), by: 100, account: Self.olena) == .tellLate)
            #expect(login.tapped(.confirm, by: 100, account: Self.olena) == .askNumber([17, 42, 88]))
            #expect(login.status == .confirmed)
            #expect(login.opened(Self.opening(account: Self.olena)) == .askNumber([17, 42, 88]))
            #expect(login.tapped(.confirm, by: 100, account: Self.olena) == .askNumber([17, 42, 88]))
            #expect(login.tapped(.number(number), by: 100, account: Self.olena) == .tellCancelled(.wrongNumber))
            #expect(login.tapped(.number(42), by: 100, account: Self.olena) == .tellCancelled(.wrongNumber))
            #expect(login.reason == .wrongNumber)
        }
        var right = Self.login(match: Self.match)
        _ = right.opened(Self.opening(account: Self.olena))
        _ = right.tapped(.confirm, by: 100, account: Self.olena)
        #expect(right.tapped(.number(42), by: 100, account: Self.olena) == .tellCompleted(isNew: false))
        var registering = Self.login(match: Self.match)
        _ = registering.opened(Self.opening())
        #expect(registering.tapped(.register, by: 100, account: nil) == .askNumber([17, 42, 88]))
        #expect(registering.tapped(.number(42), by: 100, account: nil) == .register(salonID: 1))
        #expect(registering.tapped(.number(42), by: 100, account: nil) == .register(salonID: 1))
        #expect(registering.registered(Self.olena) == .tellCompleted(isNew: true))
        var switchedOff = Self.login(match: Self.match)
        _ = switchedOff.opened(Self.opening(account: Self.olena))
        _ = switchedOff.tapped(.confirm, by: 100, account: Self.olena)
        #expect(switchedOff.tapped(.number(42), by: 100, account: Self.dismissed) == .tellCancelled(.inactive))
    }

    @Test("the three numbers are different, and one of them is right")
    func draw() {
        var generator = SystemRandomNumberGenerator()
        var places: Set<Int> = []
        for _ in 0..<200 {
            let match = NumberMatch.draw(using: &generator)
            #expect(Set(match.choices).count == 3)
            #expect(match.choices.allSatisfy { (10...99).contains($0) })
            if let place = match.choices.firstIndex(of: match.right) { places.insert(place) }
        }
        #expect(places == [0, 1, 2])
    }

    @Test("an old message changes nothing: dated over 60 s before the code, or longer ago than a code lives")
    func stale() {
        let cases: [(sentAt: Int64, now: Int64, isStale: Bool)] = [
            (-60, 0, false), (-61, 0, true), (0, 300, false), (0, 301, true), (10, 0, false),
        ]
        for (sentAt, now, isStale) in cases {
            var login = Self.login()
            let opening = Self.opening(sentAt: Self.now + sentAt, now: Self.now + now, account: Self.olena)
            #expect(login.opened(opening) == (isStale ? .tellStale : .askToConfirm), "\(sentAt) \(now)")
            #expect((login == Self.login()) == isStale)
            var link = LinkRequest(createdAt: Self.now, userID: 7)
            #expect(link.opened(opening) == (isStale ? .tellStale : .link(userID: 7)), "\(sentAt) \(now)")
        }
    }

    /// Every state that a login can be in, each reached by its own way.
    static let states: [(name: String, login: Login)] = {
        var list: [(String, Login)] = []
        func add(_ name: String, _ match: NumberMatch? = nil, _ steps: (inout Login) -> Void) {
            var login = Self.login(match: match)
            steps(&login)
            list.append((name, login))
        }
        add("pending") { _ in }
        for account in [Self.olena, nil] {
            let name = account == nil ? "unknown" : "known"
            let button: Button = account == nil ? .register : .confirm
            add(name) { _ = $0.opened(Self.opening(account: account)) }
            add("\(name), number", Self.match) {
                _ = $0.opened(Self.opening(account: account))
                _ = $0.tapped(button, by: 100, account: account)
            }
            add("\(name), cancelled") {
                _ = $0.opened(Self.opening(account: account))
                _ = $0.tapped(.cancel, by: 100, account: account)
            }
            add("\(name), answered") {
                _ = $0.opened(Self.opening(account: account))
                _ = $0.tapped(button, by: 100, account: account)
            }
        }
        for account in [Self.olena, Self.dismissed] {
            add("registered, \(account.isActive)") {
                _ = $0.opened(Self.opening())
                _ = $0.tapped(.register, by: 100, account: nil)
                _ = $0.registered(account)
            }
        }
        return list
    }()

    /// Everything that can be done to a login.
    static let inputs: [@Sendable (inout Login) -> Void] = {
        var list: [@Sendable (inout Login) -> Void] = []
        for person: Int64 in [100, 200] {
            for account in [Self.olena, Self.dismissed, nil] {
                for policy in RegistrationPolicy.allCases {
                    list.append { _ = $0.opened(Self.opening(by: person, account: account, registration: policy)) }
                }
                for button in [Button.confirm, .register, .cancel, .number(42), .number(17)] {
                    list.append { _ = $0.tapped(button, by: person, account: account) }
                }
            }
        }
        for account in [Self.olena, Self.dismissed, nil] { list.append { _ = $0.registered(account) } }
        for user: Int64 in [7, 8] { list.append { _ = $0.approved(userID: user) } }
        return list
    }()

    @Test("nothing follows a final status; before one, only what may", arguments: states.indices)
    func transitions(_ index: Int) {
        let allowed: [LoginStatus: Set<LoginStatus>] = [
            .pending: [.pending, .awaitingConfirmation, .confirmed, .cancelled],
            .awaitingConfirmation: [.awaitingConfirmation, .confirmed, .awaitingApproval, .completed, .cancelled],
            .confirmed: [.confirmed, .awaitingConfirmation, .completed, .cancelled],
            .awaitingApproval: [.awaitingApproval, .completed],
        ]
        let (name, login) = Self.states[index]
        for first in Self.inputs {
            for second in Self.inputs {
                var next = login
                first(&next)
                let between = next
                second(&next)
                if between.status.isFinal {
                    #expect(next == between, "\(name)")
                } else {
                    #expect(
                        allowed[between.status]?.contains(next.status) == true,
                        "\(name): \(between.status) to \(next.status)"
                    )
                }
                if next.status == .completed { #expect(next.userID != nil, "\(name)") }
                if let owner = between.owner { #expect(next.owner == owner, "\(name)") }
            }
        }
    }

    @Test("what came twice is answered as it was the first time", arguments: states.indices)
    func repeated(_ index: Int) {
        for button in [Button.confirm, .register, .cancel, .number(42), .number(17)] {
            for account in [Self.olena, Self.dismissed, nil] {
                var login = Self.states[index].login
                let first = login.tapped(button, by: 100, account: account)
                let after = login
                let second = login.tapped(button, by: 100, account: account)
                #expect(login == after, "\(Self.states[index].name) \(button)")
                if first != .tellLate { #expect(second == first, "\(Self.states[index].name) \(button)") }
            }
        }
    }

    @Test("an account that is being made cannot be called off any more")
    func registering() {
        var login = Self.login()
        _ = login.opened(Self.opening())
        _ = login.tapped(.register, by: 100, account: nil)
        #expect(login.tapped(.cancel, by: 100, account: nil) == .tellLate)
        #expect(login.status == .awaitingConfirmation)
        #expect(login.registered(nil) == .tellCancelled(.registrationClosed))
        #expect(login.registered(Self.olena) == .tellCancelled(.registrationClosed))
    }

    @Test("linking: the first Telegram user decides it, once, and hears the same again")
    func linking() {
        var link = LinkRequest(createdAt: Self.now, userID: 7)
        #expect(link.opened(Self.opening(by: 100)) == .link(userID: 7))
        #expect(link.opened(Self.opening(by: 200)) == .tellUsed)
        #expect(link.opened(Self.opening(by: 100)) == .link(userID: 7))
        let person = LinkedTelegram(name: "Оксана", username: nil)
        link.settled(.linked(Self.olena), by: person)
        link.settled(.refused(.gone), by: LinkedTelegram(name: "Інша", username: "other"))
        #expect(link.status == .linked)
        #expect(link.linked == person)
        #expect(link.opened(Self.opening(by: 100, account: Self.olena)) == .tell(.linked(Self.olena)))
        #expect(link.opened(Self.opening(by: 200)) == .tellUsed)
        // Unlinked meanwhile, or linked elsewhere.
        for account in [nil, Self.dismissed] { #expect(link.opened(Self.opening(by: 100, account: account)) == .tellUsed) }
        let status = CodeStatus(StoredCode(version: 1, content: .link(link), remaining: 60_000))
        #expect(status.jsonText == #"{"status":"linked","telegram_name":"Оксана","expires_in":60}"#)
        for refusal in LinkRefusal.allCases {
            var refused = LinkRequest(createdAt: Self.now, userID: 7)
            _ = refused.opened(Self.opening(by: 100))
            refused.settled(.refused(refusal), by: person)
            #expect(refused.linked == nil)
            #expect(refused.opened(Self.opening(by: 100)) == .tell(.refused(refusal)))
            #expect(refused.status.isFinal)
        }
    }

    @Test("every state comes back from what Redis keeps of it", arguments: states.indices)
    func stored(_ index: Int) throws {
        var refused = LinkRequest(createdAt: Self.now, userID: 7)
        _ = refused.opened(Self.opening(by: 100))
        var linked = refused
        refused.settled(.refused(.accountTaken), by: LinkedTelegram(name: "Оксана", username: nil))
        linked.settled(.linked(Self.olena), by: LinkedTelegram(name: "Оксана", username: "oksana"))
        for content in [CodeContent.login(Self.states[index].login), .link(refused), .link(linked)] {
            let stored = StoredCode(version: 3, content: content, remaining: 1_000)
            let read = try #require(StoredCode(text: stored.text, remaining: 1_000))
            #expect(read == stored)
        }
        #expect(StoredCode(text: "{}", remaining: 1_000) == nil)
        #expect(StoredCode(text: StoredCode(version: 1, content: .link(refused), remaining: 1).text, remaining: 0) == nil)
    }
}
