import Dispatch
import Synchronization
import Testing

@testable import REST

@Suite("Passwords")
struct PasswordTests {
    /// Runs with a hasher and ends its threads.
    static func withHasher<Result>(
        cost: Int = 4,
        threads: Int = 2,
        queue: Int = 64,
        _ body: (PasswordHasher) async throws -> Result
    ) async throws -> Result {
        let hasher = PasswordHasher(cost: cost, threads: threads, queue: queue)
        do {
            let result = try await body(hasher)
            try await hasher.shutdown()
            return result
        } catch {
            try await hasher.shutdown()
            throw error
        }
    }

    /// Made with passlib 1.7.4 over bcrypt 4.0.1: `bcrypt.using(rounds=4, ident="2a").hash("…")`.
    static let passlib: [(password: String, hash: String)] = [
        ("correct horse", "$2b$04$tn8kcMeKU/Dq/j46nbAkVed4HuPMVnRIqp6lwHFDNvSk4oDVOfuLa"),
        ("пароль Ї 💇", "$2a$04$1nV7z5572X14.I1Ntv.uTOeqTbop6tdK7qOYaDLQTAo4vnOpgCGk6"),
        ("correct horse", "$2y$04$TXLAAPuohGQ1LN7YMJv0quNs0XBiee244M/guxkTAMI7h0knaWaxy"),
        (String(repeating: "x", count: 72), "$2b$04$ZNbfhLnuWESSGL5UprOC3uqE/WXy6nochztxS3xIAegBnoZbkWOU6"),
    ]

    @Test("passlib's hashes are known, of all three kinds", arguments: passlib)
    func knowsPasslib(_ example: (password: String, hash: String)) async throws {
        try await Self.withHasher { hasher async throws in
            #expect(try await hasher.verify(example.password, against: example.hash))
            #expect(try await !hasher.verify(example.password + "!", against: example.hash))
            #expect(try await !hasher.verify(String(example.password.dropLast()), against: example.hash))
            #expect(try await !hasher.verify("", against: example.hash))
        }
    }

    @Test("a hash is $2b$ of the cost asked for, salted anew, and knows its password", arguments: [4, 5, 6])
    func hashing(_ cost: Int) async throws {
        try await Self.withHasher(cost: cost) { hasher async throws in
            let hash = try await hasher.hash("correct horse")
            #expect(hash.hasPrefix("$2b$0\(cost)$"))
            #expect(hash.utf8.count == 60)
            #expect(try await hasher.hash("correct horse") != hash)
            #expect(try await hasher.verify("correct horse", against: hash))
            #expect(try await !hasher.verify("Correct horse", against: hash))
        }
    }

    @Test("no hash, and what is none, lets nobody in")
    func noHash() async throws {
        let good = "$2b$04$tn8kcMeKU/Dq/j46nbAkVed4HuPMVnRIqp6lwHFDNvSk4oDVOfuLa"
        let hashes: [String?] = [
            nil, "", "!", "*0", "*1", "correct horse", "$1$abc$def", "$2b$", "$2x" + good.dropFirst(3),
            "$2b$03" + good.dropFirst(6),
            "$2b$32" + good.dropFirst(6), "$2b$0x" + good.dropFirst(6), String(good.dropLast()), good + "a",
            good.dropLast() + ":",
            good.dropLast() + "\u{0}",
        ]
        try await Self.withHasher { hasher async throws in
            #expect(try await hasher.verify("correct horse", against: good))
            for hash in hashes { #expect(try await !hasher.verify("correct horse", against: hash), "\(hash ?? "nil")") }
        }
    }

    @Test("what bcrypt would cut off is neither hashed nor let in")
    func cutOff() async throws {
        try await Self.withHasher { hasher async throws in
            await #expect(throws: PasswordHasher.Failure.unhashable) {
                try await hasher.hash(String(repeating: "x", count: 73))
            }
            await #expect(throws: PasswordHasher.Failure.unhashable) { try await hasher.hash("correct\u{0}horse") }
            let long = Self.passlib[3]
            #expect(try await !hasher.verify(long.password + "y", against: long.hash))
            let empty = try await hasher.hash("")
            #expect(try await !hasher.verify("\u{0}correct", against: empty))
            let whole = try await hasher.hash("correct")
            #expect(try await !hasher.verify("correct\u{0}", against: whole))
            #expect(try await !hasher.verify("correct\u{0}horse", against: whole))
        }
    }

    @Test("an unknown address takes as long as a wrong password")
    func equalTime() async throws {
        try await Self.withHasher(cost: 8) { hasher async throws in
            let hash = try await hasher.hash("correct horse")
            // Taken by turns, and the shortest of many: whatever else the machine does can only add.
            var shortest: [Duration] = [.seconds(60), .seconds(60)]
            for round in 0..<24 {
                let start = ContinuousClock.now
                #expect(try await !hasher.verify("wrong horse", against: round % 2 == 0 ? hash : nil))
                shortest[round % 2] = min(shortest[round % 2], start.duration(to: .now))
            }
            let ratio = shortest[1] / shortest[0]
            #expect(ratio > 0.25 && ratio < 4)
        }
    }

    @Test("over its threads and its queue the hasher refuses, and takes again once there is room", .timeLimit(.minutes(1)))
    func overload() async throws {
        try await Self.withHasher(threads: 1, queue: 2) { hasher async throws in
            let gate = DispatchSemaphore(value: 0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 { group.addTask { try await hasher.onThread { gate.wait() } } }
                while hasher.admitted < 3 { await Task.yield() }
                await #expect(throws: PasswordHasher.Failure.overloaded) { try await hasher.hash("correct horse") }
                await #expect(throws: PasswordHasher.Failure.overloaded) {
                    try await hasher.verify("correct horse", against: nil)
                }
                for _ in 0..<3 { gate.signal() }
                try await group.waitForAll()
            }
            #expect(hasher.admitted == 0)
            #expect(try await !hasher.verify("correct horse", against: nil))
        }
    }

    @Test("who gives up while waiting costs no work", .timeLimit(.minutes(1)))
    func cancellation() async throws {
        try await Self.withHasher(threads: 1, queue: 1) { hasher async throws in
            let gate = DispatchSemaphore(value: 0)
            let (started, continuation) = AsyncStream.makeStream(of: Void.self)
            let first = Task {
                try await hasher.onThread {
                    continuation.yield()
                    gate.wait()
                }
            }
            var iterator = started.makeAsyncIterator()
            await iterator.next()
            let didWork = Mutex(false)
            let second = Task { try await hasher.onThread { didWork.withLock { $0 = true } } }
            while hasher.admitted < 2 { await Task.yield() }
            second.cancel()
            gate.signal()
            await #expect(throws: CancellationError.self) { try await second.value }
            try await first.value
            #expect(!didWork.withLock { $0 })
            #expect(hasher.admitted == 0)
        }
    }

    @Test("a hasher that was shut down says so", .timeLimit(.minutes(1)))
    func stopping() async throws {
        let hasher = PasswordHasher(cost: 4)
        let service = Task { try await hasher.run() }
        #expect(try await hasher.hash("correct horse").hasPrefix("$2b$04$"))
        service.cancel()
        try await service.value
        await #expect(throws: PasswordHasher.Failure.stopped) { try await hasher.hash("correct horse") }
    }

    @Test("weaker hashes and other kinds are to be made anew")
    func rehash() async throws {
        try await Self.withHasher(cost: 5) { hasher async throws in
            #expect(hasher.needsRehash("$2b$04$tn8kcMeKU/Dq/j46nbAkVed4HuPMVnRIqp6lwHFDNvSk4oDVOfuLa"))
            #expect(hasher.needsRehash("!"))
            let hash = try await hasher.hash("correct horse")
            #expect(!hasher.needsRehash(hash))
        }
    }

    static let rules: [(password: String, violation: PasswordPolicy.Violation?)] = [
        ("", .tooShort),
        ("1234567", .tooShort),
        ("12345678", nil),
        ("пароль1", .tooShort),
        ("пароль12", nil),
        ("💇💇💇💇💇💇💇", .tooShort),
        ("👩🏽‍🦰👩🏽‍🦰", .tooShort),
        ("        ", nil),
        (String(repeating: "x", count: 72), nil),
        (String(repeating: "x", count: 73), .tooLong),
        (String(repeating: "ї", count: 36), nil),
        (String(repeating: "ї", count: 37), .tooLong),
        ("1234567\u{0}", .containsNUL),
        ("\u{0}", .containsNUL),
        (String(repeating: "\u{0}", count: 73), .tooLong),
    ]

    @Test("passwords are 8 characters to 72 bytes, without NUL", arguments: rules)
    func policy(_ example: (password: String, violation: PasswordPolicy.Violation?)) {
        #expect(PasswordPolicy.check(example.password) == example.violation)
    }
}
