import Dispatch
import Logging
import NIOPosix
import Outbox
import Postgres
import Redis
import Synchronization
import Testing

@Suite("A transaction whose statements travel together", .inTurn)
struct UnitOfWorkTests {
    private struct Refused: Error {}

    private final class Keeper: Sendable {
        private struct Kept: Sendable {
            weak var unit: UnitOfWork?
        }

        private let kept = Mutex(Kept())
        var unit: UnitOfWork? { self.kept.withLock { $0.unit } }
        func keep(_ unit: UnitOfWork) { self.kept.withLock { $0.unit = unit } }
    }

    private static func outbox(_ database: Database) -> TransactionalOutbox {
        let redis = RedisClient(
            configuration: RedisConfiguration(host: "127.0.0.1", port: 1),
            eventLoop: MultiThreadedEventLoopGroup.singleton.next(),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        )
        return TransactionalOutbox(client: database.client, redis: redis, channels: Channels(instance: "test"), hub: nil)
    }

    /// Leaves a transaction with something that was never sent.
    private struct Left: Error {
        let asked: Awaited<Int>
    }

    /// An executor of tasks that counts what it is given.
    private final class CountingExecutor: TaskExecutor {
        private let given = Atomic(0)
        var count: Int { self.given.load(ordering: .relaxed) }

        func enqueue(_ job: consuming ExecutorJob) {
            self.given.add(1, ordering: .relaxed)
            let job = UnownedJob(job)
            DispatchQueue.global().async { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
        }
    }

    @Test("its body stays on the connection's thread, whatever it asks and waits for")
    func staysOnItsThread() async throws {
        let outbox = Self.outbox(try await Database.fresh())
        let executor = CountingExecutor()
        let hops = try await Task(executorPreference: executor) {
            try await outbox.transaction { unit in
                let one = unit.ask("SELECT 1::int8 AS id") { try $0.only().get("id", as: Int64.self) }
                let before = executor.count
                var sum = try await one.get()
                sum += try await one.map { $0 + 1 }.get()
                sum += try await Awaited(known: 3).get()
                _ = try await unit.query("SELECT 1")
                _ = try await unit.query(all: ["SELECT 1", "SELECT 2"])
                sum += try await one.get()
                #expect(sum == 7)
                return before > 0 ? executor.count - before : nil
            }
        }.value
        #expect(hops == 0)
    }

    @Test("an answer that is nothing is an answer too, and what was not asked in time has none")
    func answers() async throws {
        let outbox = Self.outbox(try await Database.fresh())
        let (late, known) = try await outbox.transaction { unit in
            let none: Awaited<Int64?> = unit.ask("SELECT 1::int8 AS id WHERE false") { try $0.first?.get("id") }
            let (asked, known) = (try await none.get(), try await Awaited<Int64?>(known: nil).get())
            let mapped = (try await none.map { $0 == nil }.get(), try await none.map { _ in nil as Int64? }.get())
            #expect(asked == nil && known == nil && mapped == (true, nil))
            return (none, Awaited<Int64>(known: 1))
        }
        #expect(try await late.get() == nil)
        #expect(try await known.get() == 1)
        let left = await #expect(throws: Left.self) {
            try await outbox.transaction { unit in throw Left(asked: unit.ask("SELECT 1") { $0.count }) }
        }
        let error = await #expect(throws: PostgresError.self) { try await left?.asked.get() }
        #expect(error?.code == .transactionEnded)
    }

    @Test("nothing of it is left once it is over, though its events waited for its answers: committed, refused or failed")
    func leavesNothing() async throws {
        let outbox = Self.outbox(try await Database.fresh())
        let keeper = Keeper()
        for ending in ["commit", "refuse", "fail"] {
            try? await outbox.transaction { unit in
                keeper.keep(unit)
                let ids = unit.ask("SELECT 7::int8 AS id") { rows in try rows.map { try $0.get("id", as: Int64.self) } }
                unit.emit(on: ["salon/1/appointments"], of: "test", ids) { _ in
                    "SELECT 1::int8 AS place, ''::text AS topic, ''::text AS type, '{}'::jsonb AS data WHERE false"
                }
                if ending == "refuse" { throw Refused() }
                if ending == "fail" { _ = try await unit.query("SELECT 1 / 0") }
            }
            #expect(keeper.unit == nil, "\(ending)")
        }
    }

    @Test("a statement that failed is the answer to all that travelled with it, and to the commit, whatever is made of it")
    func failure() async throws {
        let database = try await Database.fresh()
        let error = await #expect(throws: PostgresError.self) {
            try await Self.outbox(database).transaction { unit in
                unit.enqueue("INSERT INTO salons (name) VALUES ('Ніхто')")
                let first = unit.ask("SELECT 1 / 0") { $0.count }
                let second = unit.ask("SELECT 2") { $0.count }
                for answer in [first, second] {
                    let count = try? await answer.get()
                    #expect(count == nil)
                }
            }
        }
        #expect(error?.sqlState?.rawValue == "22012")
        #expect(try await database.value("SELECT count(*) FROM salons WHERE name = 'Ніхто'", as: Int64.self) == 0)
    }

    @Test("what its guard refuses is not committed, whatever its body makes of that")
    func guarded() async throws {
        let database = try await Database.fresh()
        for isAsked in [true, false] {
            await #expect(throws: Refused.self) {
                let no = TransactionGuard("SELECT false AS is_good") { _ in throw Refused() }
                try await Self.outbox(database).transaction(if: no) { unit in
                    unit.enqueue("INSERT INTO salons (name) VALUES ('Ніхто')")
                    if isAsked { _ = try? await unit.query("SELECT 1") }
                }
            }
        }
        #expect(try await database.value("SELECT count(*) FROM salons WHERE name = 'Ніхто'", as: Int64.self) == 0)
    }
}
