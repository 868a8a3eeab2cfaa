import Synchronization

extension PostgresConnection {
    /// One message of a pipeline to which the server gives an answer of its own.
    enum Step {
        case deallocate(name: String)
        case prepare(StatementKey)
        /// A statement whose rows are wanted.
        case execute
        /// BEGIN or COMMIT, whose tag is all there is to see.
        case control(expecting: String)
    }

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
        self.thread.preconditionCurrent()
        guard let link = self.link else { throw PostgresError(.closed, "the connection has ended") }
        var steps: [Step] = []
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
        var watch = StatementWatch(now: SystemClock.monotonicNanoseconds(), timeout: timeout)
        return try self.receive(steps, from: link, &watch)
    }

    /// - Parameter makesRoom: whether the server may forget a statement before this one; otherwise it does so later
    private func queue(
        _ statement: Statement,
        as step: Step,
        makesRoom: Bool = true,
        on link: LibPQConnection,
        _ steps: inout [Step]
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

    private func queueDeallocate(_ name: String, on link: LibPQConnection, _ steps: inout [Step]) -> Bool {
        steps.append(.deallocate(name: name))
        return link.sendOnce(text: "DEALLOCATE \(name)", parameters: [])
    }

    /// Reads the answers to a pipeline, all of them also when one is an error.
    private func receive(
        _ steps: [Step],
        from link: LibPQConnection,
        _ watch: inout StatementWatch
    ) throws(PostgresError) -> [PostgresRows] {
        var cancellation = CancelDelivery?.none
        var rows: [PostgresRows] = []
        var failure: PostgresError?
        for step in steps {
            let (result, error) = try self.receiveOne(from: link, &watch, &cancellation)
            if let error {
                failure = failure ?? error
            }
            switch step {
            case .execute:
                if let result {
                    rows.append(PostgresRows(result))
                }
            case .control(let tag):
                // COMMIT of a failed transaction answers ROLLBACK and is no error to the server
                if let result, result.commandTag != tag {
                    failure = failure ?? PostgresError(.transactionEnded, "the server answered \(result.commandTag) to \(tag)")
                }
            case .prepare(let key):
                if result == nil {
                    self.cache.forget(key)
                }
            case .deallocate(let name):
                if result == nil {
                    self.cache.keepOrphan(name)
                }
            }
        }
        guard let end = try self.nextResult(from: link, &watch, &cancellation), end.status == .pipelineSync else {
            throw self.lose(link, "the server's answers are out of step")
        }
        try self.settle(cancellation, link, &watch)
        guard let failure else { return rows }
        throw self.named(failure, by: watch.cause)
    }

    /// Reads one step's answer up to its end.
    private func receiveOne(
        from link: LibPQConnection,
        _ watch: inout StatementWatch,
        _ cancellation: inout CancelDelivery?
    ) throws(PostgresError) -> (LibPQResult?, PostgresError?) {
        var answer: LibPQResult?
        var failure: PostgresError?
        while let result = try self.nextResult(from: link, &watch, &cancellation) {
            switch result.status {
            case .done:
                answer = result
            case .failed:
                guard let error = result.serverError, !result.isFatal else {
                    throw self.lose(link, result.serverError?.message ?? link.errorMessage, state: result.serverError?.sqlState)
                }
                failure = error
            case .pipelineAborted:
                break
            case .pipelineSync, .unexpected:
                // COPY, or a server that doesn't speak the protocol
                throw self.lose(link, "the statement needs a protocol that is not spoken here")
            }
        }
        return (answer, failure)
    }

    /// Runs a script of any number of statements by the simple protocol, in which it may not be a part of a pipeline.
    func script(_ text: String, timeout: UInt64?) throws(PostgresError) {
        self.thread.preconditionCurrent()
        guard let link = self.link else { throw PostgresError(.closed, "the connection has ended") }
        guard !text.utf8.contains(0) else { throw PostgresError(.encoding, "the script holds a zero byte") }
        guard link.exitPipeline(), link.sendScript(text) else { throw self.lose(link, link.errorMessage) }
        var watch = StatementWatch(now: SystemClock.monotonicNanoseconds(), timeout: timeout)
        var cancellation = CancelDelivery?.none
        var failure: PostgresError?
        while let result = try self.nextResult(from: link, &watch, &cancellation) {
            switch result.status {
            case .done:
                break
            case .failed:
                guard var error = result.serverError, !result.isFatal else {
                    throw self.lose(link, result.serverError?.message ?? link.errorMessage, state: result.serverError?.sqlState)
                }
                if let position = result.errorPosition {
                    let line = text.unicodeScalars.prefix(position - 1).count { $0 == "\n" } + 1
                    error.message += " (line \(line))"
                }
                failure = failure ?? error
            case .pipelineAborted, .pipelineSync, .unexpected:
                throw self.lose(link, "the statement needs a protocol that is not spoken here")
            }
        }
        try self.settle(cancellation, link, &watch)
        guard link.enterPipeline() else { throw self.lose(link, link.errorMessage) }
        if let failure {
            throw self.named(failure, by: watch.cause)
        }
    }

    /// Waits for the next result; nil ends a statement's.
    private func nextResult(
        from link: LibPQConnection,
        _ watch: inout StatementWatch,
        _ cancellation: inout CancelDelivery?
    ) throws(PostgresError) -> LibPQResult? {
        var isUnsent = link.flush() == .pending
        while link.isBusy {
            let remaining = try self.check(&watch, &cancellation, link)
            let ready = self.thread.wakeUp.wait(socket: link.socket, forWriting: isUnsent, timeout: remaining)
            guard ready.isSocketReady else { continue }
            guard link.consumeInput() else { throw self.lose(link, link.errorMessage) }
            if isUnsent {
                isUnsent = link.flush() == .pending
            }
        }
        return link.nextResult()
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
    private func settle(_ cancellation: CancelDelivery?, _ link: LibPQConnection, _ watch: inout StatementWatch)
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
    private func named(_ failure: PostgresError, by cause: StatementWatch.Cause?) -> PostgresError {
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

/// A cancel request on its way, on a thread of its own because libpq's call blocks.
private final class CancelDelivery: Sendable {
    private let done = Atomic(false)

    init(_ request: LibPQCancellation, wakeUp: WakeUp) {
        let isStarted = PosixThread.start {
            _ = request.send()
            self.done.store(true, ordering: .releasing)
            wakeUp.signal()
        }
        if !isStarted {
            self.done.store(true, ordering: .releasing)
        }
    }

    var isDone: Bool { self.done.load(ordering: .acquiring) }
}
