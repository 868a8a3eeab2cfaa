extension PostgresConnection {
    /// Connects, on this connection's thread, within the configured time.
    func connect() throws(PostgresError) {
        self.thread.preconditionCurrent()
        let timeout = self.configuration.connectTimeout.clampedNanoseconds
        let start = SystemClock.monotonicNanoseconds()
        guard let link = LibPQConnection(parameters: self.connectionString.parameters) else {
            throw PostgresError(.connectionFailed, "out of memory")
        }
        guard !link.isBad else { throw self.connectFailure(link) }
        // libpq: begin as if it had asked for writing
        var progress = LibPQConnection.Progress.writing
        while progress != .connected {
            let elapsed = SystemClock.monotonicNanoseconds() - start
            guard elapsed < timeout else {
                throw PostgresError(.connectionFailed, "no session within \(self.configuration.connectTimeout)")
            }
            let ready = self.thread.wakeUp.wait(
                socket: link.socket,
                forWriting: progress == .writing,
                orReading: progress == .reading,
                timeout: timeout - elapsed
            )
            guard ready.isSocketReady else { continue }
            progress = link.connectStep()
            guard progress != .failed else { throw self.connectFailure(link) }
        }
        guard link.prepareForUse() else { throw self.connectFailure(link) }
        self.link = link
    }

    private func connectFailure(_ link: LibPQConnection) -> PostgresError {
        ConnectFailure(libpqMessage: link.errorMessage, redaction: self.connectionString.redaction).error
    }

    /// Whether the session still stands, as far as this end knows; one the server has ended is given up. Sends nothing.
    func checkAlive() -> Bool {
        self.thread.preconditionCurrent()
        guard let link = self.link else { return false }
        // something to read while nothing was asked: a notice, a TLS record, or the end. Bounded, since a server could go on for ever
        var reads = 0
        while reads < 8, WakeUp.isReadable(link.socket) {
            guard link.consumeInput(), !link.isBusy else {
                self.link = nil
                return false
            }
            reads += 1
        }
        guard !link.isBad else {
            self.link = nil
            return false
        }
        return true
    }
}
