extension PostgresConnection {
    /// Sends statements in one pipeline and waits for the answers.
    ///
    /// - Parameters:
    ///   - opening: BEGIN, if it goes along
    ///   - statements: statements that have been checked
    ///   - closing: COMMIT, if it goes along
    ///   - timeout: nanoseconds for all of it; nil for no limit
    func exchange(
        opening: Statement? = nil,
        _ statements: [Statement],
        closing: Statement? = nil,
        timeout: UInt64?
    ) throws(PostgresError) -> [PostgresRows] {
        var exchange = try self.send(opening: opening, statements, closing: closing, timeout: timeout)
        return try self.complete(&exchange)
    }

    /// Sends statements in one pipeline, as far as the socket takes them at once.
    func send(
        opening: Statement? = nil,
        _ statements: [Statement],
        closing: Statement? = nil,
        timeout: UInt64?
    ) throws(PostgresError) -> Exchange {
        self.thread.preconditionCurrent()
        let link = try self.connected()
        var steps: [Exchange.Step] = []
        steps.reserveCapacity(statements.count + 2)
        var isQueued = true
        // Nothing may come before a BEGIN that names an isolation level: until the pipeline's end all of it is one transaction.
        if let opening {
            isQueued = self.queue(opening, as: .control(expecting: "BEGIN"), makesRoom: false, on: link, &steps)
        }
        if !link.isTransactionFailed {
            for name in self.cache.takeOrphans() {
                isQueued = isQueued && self.queueDeallocate(name, on: link, &steps)
            }
        }
        for statement in statements {
            isQueued = isQueued && self.queue(statement, as: .execute, on: link, &steps)
        }
        if let closing {
            isQueued = isQueued && self.queue(closing, as: .control(expecting: "COMMIT"), on: link, &steps)
        }
        guard isQueued, link.sendSync() else { throw self.lose(link, link.errorMessage) }
        let watch = StatementWatch(now: SystemClock.monotonicNanoseconds(), timeout: timeout)
        return Exchange(steps, isUnsent: link.flush() == .pending, watch)
    }

    /// Reads what has come of the answers, without waiting for more.
    /// - Returns: whether that was the last of it
    func advance(_ exchange: inout Exchange) throws(PostgresError) -> Bool {
        let link = try self.connected()
        while !link.isBusy {
            let result = link.nextResult()
            guard let step = exchange.next else {
                guard let result, result.status == .pipelineSync else {
                    throw self.lose(link, "the server's answers are out of step")
                }
                return true
            }
            guard let result else {
                // the end of what a step is answered
                self.note(step, isDone: exchange.closeStep())
                continue
            }
            switch result.status {
            case .done:
                exchange.answer(result)
            case .failed:
                guard let error = result.serverError, !result.isFatal else {
                    throw self.lose(link, result.serverError?.message ?? link.errorMessage, state: result.serverError?.sqlState)
                }
                exchange.fail(error)
            case .pipelineAborted:
                break
            case .pipelineSync, .unexpected:
                // COPY, or a server that doesn't speak the protocol
                throw self.lose(link, "the statement needs a protocol that is not spoken here")
            }
        }
        return false
    }

    /// Waits for the rest of the answers.
    func complete(_ exchange: inout Exchange) throws(PostgresError) -> [PostgresRows] {
        while try !self.advance(&exchange) {
            let link = try self.connected()
            try self.awaitInput(link, &exchange.watch, &exchange.cancellation, &exchange.isUnsent)
        }
        try self.settle(exchange.cancellation, try self.connected(), &exchange.watch)
        guard let failure = exchange.failure else { return exchange.rows }
        throw self.named(failure, by: exchange.watch.cause)
    }

    /// What an answered step means to the statements that are kept prepared.
    private func note(_ step: Exchange.Step, isDone: Bool) {
        switch step {
        case .prepare(let key) where !isDone:
            self.cache.forget(key)
        case .deallocate(let name) where !isDone:
            self.cache.keepOrphan(name)
        case .prepare, .deallocate, .execute, .control:
            break
        }
    }

    func connected() throws(PostgresError) -> LibPQConnection {
        guard let link = self.link else { throw PostgresError(.closed, "the connection has ended") }
        return link
    }

    /// - Parameter makesRoom: whether the server may forget a statement before this one; otherwise it does so later
    private func queue(
        _ statement: Statement,
        as step: Exchange.Step,
        makesRoom: Bool = true,
        on link: LibPQConnection,
        _ steps: inout [Exchange.Step]
    ) -> Bool {
        guard self.configuration.preparesStatements else {
            steps.append(step)
            return link.sendOnce(text: statement.key.text, parameters: statement.parameters)
        }
        let plan = self.cache.plan(statement.key)
        var isQueued = true
        if let victim = plan.deallocate {
            if link.isTransactionFailed || !makesRoom {
                self.cache.keepOrphan(victim)
            } else {
                isQueued = self.queueDeallocate(victim, on: link, &steps)
            }
        }
        if plan.prepare {
            isQueued = isQueued && link.sendPrepare(name: plan.name, text: statement.key.text, types: statement.key.types)
            steps.append(.prepare(statement.key))
        }
        steps.append(step)
        return isQueued && link.sendExecute(name: plan.name, parameters: statement.parameters)
    }

    private func queueDeallocate(_ name: String, on link: LibPQConnection, _ steps: inout [Exchange.Step]) -> Bool {
        steps.append(.deallocate(name: name))
        return link.sendOnce(text: "DEALLOCATE \(name)", parameters: [])
    }

    /// Waits once for something to read, for what is due by the clock, or for the task.
    func awaitInput(
        _ link: LibPQConnection,
        _ watch: inout StatementWatch,
        _ cancellation: inout CancelDelivery?,
        _ isUnsent: inout Bool
    ) throws(PostgresError) {
        let remaining = try self.check(&watch, &cancellation, link)
        let ready = self.thread.wakeUp.wait(socket: link.socket, forWriting: isUnsent, timeout: remaining)
        guard ready.isSocketReady else { return }
        guard link.consumeInput() else { throw self.lose(link, link.errorMessage) }
        if isUnsent {
            isUnsent = link.flush() == .pending
        }
    }

    /// Looks at the clock and at the task, and does what is due.
    /// - Returns: how long to wait at most, in nanoseconds
    private func check(
        _ watch: inout StatementWatch,
        _ cancellation: inout CancelDelivery?,
        _ link: LibPQConnection
    ) throws(PostgresError) -> UInt64? {
        while true {
            switch watch.check(now: SystemClock.monotonicNanoseconds(), isInterrupted: self.interrupt.isFired) {
            case .wait(let remaining):
                return remaining
            case .sendCancel:
                guard let request = link.cancellation() else { throw self.lose(link, "out of memory") }
                cancellation = CancelDelivery(request, wakeUp: self.thread.wakeUp)
            case .giveUp:
                throw self.lose(link, "the server did not answer a request to cancel the statement")
            }
        }
    }

    /// Waits until a cancel request has been delivered: one that is still on its way could hit the next statement.
    func settle(_ cancellation: CancelDelivery?, _ link: LibPQConnection, _ watch: inout StatementWatch)
        throws(PostgresError)
    {
        guard let cancellation else { return }
        while !cancellation.isDone {
            guard case .wait(let remaining) = watch.check(now: SystemClock.monotonicNanoseconds(), isInterrupted: false) else {
                throw self.lose(link, "a request to cancel the statement was not delivered")
            }
            _ = self.thread.wakeUp.wait(timeout: remaining)
        }
    }

    /// The error under the name of what caused it.
    func named(_ failure: PostgresError, by cause: StatementWatch.Cause?) -> PostgresError {
        guard failure.sqlState == .queryCanceled, let cause else { return failure }
        var failure = failure
        switch cause {
        case .timeout:
            failure.code = .statementTimeout
            failure.message = "the statement took longer than \(self.configuration.statementTimeout) and was cancelled"
        case .cancellation:
            failure.code = .cancelled
            failure.message = "the statement was cancelled"
        }
        return failure
    }

    /// Gives the connection up.
    func lose(_ link: LibPQConnection, _ message: String, state: SQLState? = nil) -> PostgresError {
        var error = PostgresError(.connectionLost, self.connectionString.redaction.scrub(message))
        error.sqlState = state
        self.link = nil
        return error
    }
}
