extension PostgresConnection {
    /// Runs a script of any number of statements by the simple protocol, in which it may not be a part of a pipeline.
    func script(_ text: String, timeout: UInt64?) throws(PostgresError) {
        self.thread.preconditionCurrent()
        self.preconditionFree()
        let link = try self.connected()
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

    /// Waits for the next result of a script; nil ends it.
    private func nextResult(
        from link: LibPQConnection,
        _ watch: inout StatementWatch,
        _ cancellation: inout CancelDelivery?
    ) throws(PostgresError) -> LibPQResult? {
        var isUnsent = link.flush() == .pending
        while link.isBusy {
            try self.awaitInput(link, &watch, &cancellation, &isUnsent)
        }
        return link.nextResult()
    }
}
