extension PostgresClient {
    /// Runs statements on any connection, in one round trip.
    func run(_ statements: [Statement]) async throws(PostgresError) -> [PostgresRows] {
        let errand = Errand(statements)
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
        self.lease(id, isCancelled: { errand.isCancelled }) { result in
            switch result {
            case .success(let connection):
                connection.thread.execute { self.carryOut(errand, id, on: connection) }
            case .failure(let error):
                errand.end(.failure(error))
            }
        }
    }

    /// On the connection's own thread.
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
}

extension PostgresConnection {
    /// - Returns: the answer, or nil when the connection had ended before and nothing was sent; and whether it can be used again
    fileprivate func carryOut(_ errand: Errand) -> (answer: Errand.Answer?, isUsable: Bool) {
        guard self.checkAlive() else { return (nil, false) }
        let answer = Result { () throws(PostgresError) in
            try errand.run(self.interrupt) { statements throws(PostgresError) in try self.perform(statements) }
        }
        // a transaction that a statement opened by itself and left open
        self.rollBack()
        return (answer, self.link != nil)
    }
}
