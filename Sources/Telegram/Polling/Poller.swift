import Logging
import ServiceLifecycle
import Synchronization

/// Asks Telegram for updates, on one node of all: the one that holds the lease. A lost lease ends the running request.
struct Poller: Service {
    private static let kinds: [UpdateKind] = [.message, .callbackQuery]
    /// How long Telegram waits for an update.
    private static let timeout = Duration.seconds(50)
    private static let renewInterval = Duration.milliseconds(1_500)
    /// A lease ends a little earlier for its holder than for the others.
    private static let safetyMargin = Duration.milliseconds(500)
    /// How often the other nodes look whether the lease is free.
    private static let lookInterval = Duration.seconds(1)
    /// Persons whose updates are handled at the same time. One person's are handled one after the other.
    private static let concurrency = 16

    private let bot: any BotAPI
    private let desk: UpdateDesk
    private let lease: PollingLease
    private let nameCheck: BotNameCheck
    private let patience: Duration
    private let logger: Logger

    /// - Parameters:
    ///   - username: the bot's name, without `@`
    ///   - patience: how long one person's updates of one answer may take: the others' wait for them
    init(
        bot: any BotAPI,
        username: String,
        desk: UpdateDesk,
        lease: PollingLease,
        patience: Duration = UpdateDesk.patience,
        logger: Logger
    ) {
        self.bot = bot
        self.desk = desk
        self.lease = lease
        self.nameCheck = BotNameCheck(bot: bot, username: username, logger: logger)
        self.patience = patience
        self.logger = logger
    }

    /// Polls whenever the lease can be had, until graceful shutdown or cancellation.
    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let asked = ContinuousClock.now
                    if let start = try await self.lease.acquire() {
                        self.logger.notice("this node asks Telegram for updates")
                        await self.lead(from: start, until: asked + PollingLease.lifetime - Self.safetyMargin)
                        if !Task.isCancelled { self.logger.notice("another node may ask Telegram for updates") }
                    }
                } catch {
                    self.logger.debug("the lease cannot be looked at", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: Self.lookInterval)
            }
        }
        try? await self.lease.release()
    }

    /// Polls as long as the lease lasts.
    private func lead(from start: PollingLease.Start, until end: ContinuousClock.Instant) async {
        let end = LeaseEnd(end)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.renew(end) }
            group.addTask { await end.wait() }
            group.addTask { await self.poll(from: start.next) }
            await group.next()
            group.cancelAll()
        }
    }

    /// Returns when the lease is lost.
    private func renew(_ end: LeaseEnd) async {
        while (try? await Task.sleep(for: Self.renewInterval)) != nil {
            let asked = ContinuousClock.now
            do {
                guard try await self.lease.renew() else { return }
                end.move(to: asked + PollingLease.lifetime - Self.safetyMargin)
            } catch {
                self.logger.debug("the lease could not be renewed", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Returns when the lease is lost, or the task is cancelled.
    private func poll(from next: Int64?) async {
        var cursor = UpdateCursor(next: next)
        var isNameChecked = false
        var isFetching = false
        var policy = RetryPolicy.forever
        while !Task.isCancelled {
            do {
                if !isNameChecked { try await self.nameCheck.run() }
                isNameChecked = true
                // A webhook that was set before would keep all updates from us.
                if !isFetching { try await self.bot.deleteWebhook() }
                isFetching = true
                let asked = ContinuousClock.now
                let updates = try await self.bot.getUpdates(
                    offset: cursor.next,
                    limit: cursor.limit,
                    timeout: Self.timeout,
                    kinds: Self.kinds
                )
                policy = .forever
                guard let last = updates.map(\.id).max() else {
                    cursor.foundNothing()
                    // Whoever answers nothing at once is not asked again at once.
                    if ContinuousClock.now - asked < .seconds(1) { try? await Task.sleep(for: .seconds(1)) }
                    continue
                }
                await self.handle(updates)
                guard !Task.isCancelled, try await self.lease.moveOn(to: last + 1) else { return }
                cursor.passed(last)
            } catch let error as BotError {
                if error.code == .conflict { isFetching = false }
                if error.code == .unreadableAnswer, isFetching {
                    switch cursor.unreadable() {
                    case .askForFewer: continue
                    case .stepOver:
                        self.logger.error("an update cannot be read and is stepped over", metadata: ["error": "\(error)"])
                    }
                }
                await self.waitOut(error, &policy)
            } catch {
                // Whoever holds the lease next gets the same updates again.
                self.logger.warning("the offset cannot be stored", metadata: ["error": "\(error)"])
                return
            }
        }
    }

    private func waitOut(_ error: BotError, _ policy: inout RetryPolicy) async {
        if error.code == .cancelled { return }
        self.logger.warning("Telegram gives no updates", metadata: ["error": "\(error)"])
        try? await Task.sleep(for: policy.pause(after: error))
    }

    // MARK: Handling

    private func handle(_ updates: [Update]) async {
        var queues = Array(Dictionary(grouping: updates, by: \.person).values)[...]
        await withTaskGroup(of: Void.self) { group in
            for queue in queues.prefix(Self.concurrency) { group.addTask { await self.handle(inOrder: queue) } }
            queues = queues.dropFirst(Self.concurrency)
            while await group.next() != nil {
                if let queue = queues.popFirst() { group.addTask { await self.handle(inOrder: queue) } }
            }
        }
    }

    private func handle(inOrder updates: [Update]) async {
        let end = ContinuousClock.now + self.patience
        for (index, update) in updates.enumerated() where !Task.isCancelled {
            guard ContinuousClock.now < end else {
                return self.logger.info("somebody's updates are given up", metadata: ["count": "\(updates.count - index)"])
            }
            await self.handle(update, until: end)
        }
    }

    private func handle(_ update: Update, until end: ContinuousClock.Instant) async {
        var retries = UpdateRetries()
        while !Task.isCancelled {
            do {
                return try await self.desk.handle(update, until: end)
            } catch {
                if Task.isCancelled { return }
                let isTransient = self.desk.isTransient(error)
                switch retries.failed(isTransient: isTransient) {
                case .tryAgain(let pause):
                    self.logger.warning("an update will be handled again", metadata: ["error": "\(error)"])
                    try? await Task.sleep(for: pause)
                case .giveUp:
                    self.logger.error("an update is given up", metadata: ["error": "\(error)", "update": "\(update.id)"])
                    try? await self.desk.giveUp(update)
                    return
                }
            }
        }
    }
}

extension Update {
    /// Whose it is; 0 for what is nobody's.
    fileprivate var person: Int64 {
        switch self.event {
        case .message(let message): message.from?.id ?? 0
        case .callbackQuery(let query): query.from.id
        case .other: 0
        }
    }
}

/// When the lease ends unless it is renewed.
private final class LeaseEnd: Sendable {
    private let end: Mutex<ContinuousClock.Instant>

    init(_ end: ContinuousClock.Instant) {
        self.end = Mutex(end)
    }

    func move(to end: ContinuousClock.Instant) {
        self.end.withLock { $0 = end }
    }

    /// Returns when it has come, or the task is cancelled.
    func wait() async {
        while true {
            let end = self.end.withLock { $0 }
            guard ContinuousClock.now < end, (try? await Task.sleep(until: end)) != nil else { return }
        }
    }
}
