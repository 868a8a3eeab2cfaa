import EventLoops

extension PostgresClient {
    /// Runs statements on any connection, in one round trip.
    func run(_ statements: [Statement]) async throws(PostgresError) -> [PostgresRows] {
        for statement in statements {
            try statement.check()
        }
        let errand = Errand(statements, watcher: self.watchers?.current)
        let id = self.newWaiterID()
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                errand.begin(continuation)
                self.send(errand, id)
            }
        } onCancel: {
            // In this order: one that is just about to wait sees the first, one that waits is found by the second.
            errand.cancel()
            self.stopWaiting(id)
        }
        return try answer.get()
    }

    /// Gives it to a connection, as soon as there is one.
    private func send(_ errand: Errand, _ id: UInt64) {
        self.lease(id, lane: errand.watcher?.number, isCancelled: { errand.isCancelled }) { result in
            switch result {
            case .failure(let error):
                errand.end(.failure(error))
            case .success(let connection):
                guard let watcher = errand.watcher else {
                    return connection.thread.execute { self.carryOut(errand, id, on: connection) }
                }
                if watcher.isCurrent {
                    self.begin(errand, id, on: connection, watcher)
                } else {
                    watcher.execute { self.begin(errand, id, on: connection, watcher) }
                }
            }
        }
    }

    // MARK: on the connection's own thread

    private func carryOut(_ errand: Errand, _ id: UInt64, on connection: PostgresConnection) {
        let (answer, isUsable) = connection.assumeIsolated { $0.carryOut(errand) }
        self.release(connection, isUsable: isUsable)
        if let answer {
            errand.end(answer)
        } else {
            // It had ended before anything was sent; it is dropped and cannot come again.
            self.send(errand, id)
        }
    }

    /// Does the rest of what an event loop has begun.
    private func finish(_ errand: Errand, on connection: PostgresConnection) {
        connection.thread.execute {
            let (answer, isUsable) = connection.assumeIsolated { $0.finish(errand) }
            self.release(connection, isUsable: isUsable)
            errand.end(answer)
        }
    }

    // MARK: on an event loop

    private func begin(_ errand: Errand, _ id: UInt64, on connection: PostgresConnection, _ watcher: SocketWatcher) {
        let progress = connection.standIn { connection in
            connection.begin(errand) {
                watcher.execute { self.withdraw(errand, from: watcher, connection) }
            }
        }
        self.follow(errand, id, on: connection, watcher, progress)
    }

    /// Does what an errand's progress asks for.
    private func follow(
        _ errand: Errand,
        _ id: UInt64,
        on connection: PostgresConnection,
        _ watcher: SocketWatcher,
        _ progress: PostgresConnection.ErrandProgress
    ) {
        switch progress {
        case .unsent:
            self.release(connection, isUsable: false)
            self.send(errand, id)
        case .waiting(let socket, let deadline):
            let watch = watcher.watch(socket, until: deadline) { event in
                _ = errand.takeWatch()
                switch event {
                case .readable:
                    let progress = connection.standIn { $0.proceed(errand) }
                    self.follow(errand, id, on: connection, watcher, progress)
                case .expired:
                    self.finish(errand, on: connection)
                }
            }
            if let watch {
                errand.keep(watch)
            } else {
                self.finish(errand, on: connection)
            }
        case .stuck:
            self.finish(errand, on: connection)
        case .ended(let answer, let isUsable):
            self.release(connection, isUsable: isUsable, lane: watcher.number)
            errand.end(answer)
        }
    }

    /// It was cancelled: what was sent is stopped by the connection's own thread, which may wait for that.
    private func withdraw(_ errand: Errand, from watcher: SocketWatcher, _ connection: PostgresConnection) {
        guard let watch = errand.takeWatch(), watcher.cancel(watch) else { return }
        self.finish(errand, on: connection)
    }
}

extension PostgresConnection {
    /// Runs something here and now, on a thread that has been lent the connection.
    fileprivate nonisolated func standIn<Value: Sendable>(_ body: (isolated PostgresConnection) -> Value) -> Value {
        self.thread.standIn { self.assumeIsolated(body) }
    }
}
