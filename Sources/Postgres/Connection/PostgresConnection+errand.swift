extension PostgresConnection {
    /// An errand that an event loop has begun, between its steps.
    enum Underway {
        case waiting(Exchange)
        /// All was answered; what is left may take a while.
        case answered(Errand.Answer)
    }

    /// How far an errand has come on a thread that must not wait.
    enum ErrandProgress: Sendable {
        /// The session had ended; nothing was sent.
        case unsent
        /// There is more to come on this socket, until the deadline (nanoseconds of the monotonic clock).
        case waiting(socket: Int32, deadline: UInt64?)
        /// Only a thread that may wait can go on: the connection's own, by ``finish(_:)``.
        case stuck
        case ended(Errand.Answer, isUsable: Bool)
    }

    /// Does all of an errand, and waits where there is something to wait for.
    ///
    /// - Returns: the answer, or nil when the session had ended before and nothing was sent; and whether the connection can be
    ///   used again
    func carryOut(_ errand: Errand) -> (answer: Errand.Answer?, isUsable: Bool) {
        guard self.checkAlive() else { return (nil, false) }
        let answer = Result { () throws(PostgresError) in
            try errand.run(self.interrupt) { statements throws(PostgresError) in try self.perform(statements) }
        }
        // a transaction that a statement opened by itself and left open
        self.rollBack()
        return (answer, self.link != nil)
    }

    /// Sends an errand's statements.
    /// - Parameter withdraw: called from any thread when the errand is cancelled while it is under way
    func begin(_ errand: Errand, withdraw: @escaping @Sendable () -> Void) -> ErrandProgress {
        guard self.checkAlive() else { return .unsent }
        let interrupt = self.interrupt
        let ticket = interrupt.arm()
        do throws(PostgresError) {
            try errand.start {
                interrupt.fire(ticket)
                withdraw()
            }
            self.underway = .waiting(try self.send(errand.statements, timeout: self.timeout))
        } catch {
            return self.end(errand, .failure(error))
        }
        return self.proceed(errand, isReadable: false)
    }

    /// Reads what has come for an errand.
    func proceed(_ errand: Errand, isReadable: Bool = true) -> ErrandProgress {
        guard case .waiting(var exchange) = self.underway, let link = self.link else {
            preconditionFailure("An errand goes on where it was begun")
        }
        // no second owner of what it collects
        self.underway = nil
        let answer: Errand.Answer
        do throws(PostgresError) {
            if isReadable, !link.consumeInput() { throw self.lose(link, link.errorMessage) }
            guard try self.advance(&exchange) else {
                self.underway = .waiting(exchange)
                return exchange.isUnsent ? .stuck : .waiting(socket: link.socket, deadline: exchange.watch.deadline)
            }
            answer = exchange.failure.map { .failure($0) } ?? .success(exchange.rows)
        } catch {
            answer = .failure(error)
        }
        if case .failure(let error) = answer, self.link != nil, self.dropStalePlans(error, errand.statements) {
            self.underway = .answered(answer)
            return .stuck
        }
        guard self.link?.isIdle != false else {
            self.underway = .answered(answer)
            return .stuck
        }
        return self.end(errand, answer)
    }

    /// Does the rest of what ``begin(_:withdraw:)`` began, on the connection's own thread.
    func finish(_ errand: Errand) -> (answer: Errand.Answer, isUsable: Bool) {
        var answer: Errand.Answer
        switch self.underway {
        case .waiting(var exchange): answer = Result { () throws(PostgresError) in try self.complete(&exchange) }
        case .answered(let known): answer = known
        case nil: preconditionFailure("An errand is finished once")
        }
        if case .failure(let failure) = answer {
            answer = Result { () throws(PostgresError) in try self.repeatIfStale(failure, errand.statements) }
        }
        // Before the rest is tidied up: that is not the errand's to cancel.
        self.interrupt.disarm()
        errand.finish()
        self.underway = nil
        self.rollBack()
        return (answer, self.link != nil)
    }

    /// Stops the program when somebody kept the connection beyond the time for which it was theirs: they would get an errand's rows.
    func preconditionFree() {
        if case .some = self.underway { preconditionFailure("A connection is used by whom it is lent to, alone") }
    }

    private func end(_ errand: Errand, _ answer: Errand.Answer) -> ErrandProgress {
        self.interrupt.disarm()
        errand.finish()
        self.underway = nil
        return .ended(answer, isUsable: self.link != nil)
    }
}
