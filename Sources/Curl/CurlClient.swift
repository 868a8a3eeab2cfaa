import NIOPosix
public import ServiceLifecycle
import Synchronization

/// HTTP requests to elsewhere, by libcurl on a thread of its own: nothing of it runs on an event loop.
///
/// TLS certificates are verified, redirections are not followed (they could carry a secret elsewhere), and neither URLs nor headers
/// nor bodies are ever logged. The environment's `https_proxy` and `no_proxy` count; the machine itself is asked without a proxy.
///
/// ```swift
/// let curl = try CurlClient()
/// // run() in a ServiceGroup, behind those that stop by using it
/// let answer = try await curl.send(CurlRequest(.get, "https://example.org/"))
/// ```
public final class CurlClient: Service, Sendable {
    private typealias Waiter = CheckedContinuation<Result<CurlResponse, CurlError>, Never>

    private struct State {
        var machine: TransferStateMachine<Waiter>
        var lastID: UInt64 = 0
    }

    private let state: Mutex<State>
    private let transfers: TransferSet

    /// Makes a client whose transfers begin with ``run()``.
    ///
    /// - Throws: ``CurlError`` `.outOfResources` when libcurl can't start.
    public init(configuration: CurlConfiguration = CurlConfiguration()) throws(CurlError) {
        self.state = Mutex(State(machine: TransferStateMachine(limit: configuration.maxTransfers)))
        self.transfers = try TransferSet(configuration: configuration)
    }

    /// Transfers until graceful shutdown or cancellation; what is under way then fails with `.closed`. To be called once.
    public func run() async throws {
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                // Cancelled before the thread took it up: then there is nothing to break off.
                try? await pool.runIfActive { self.transferUntilStopped() }
            } onCancel: {
                self.stop()
            }
        } onGracefulShutdown: {
            self.stop()
        }
        self.stop()
        try await pool.shutdownGracefully()
    }

    /// Sends a request and waits for the whole answer. When the calling task is cancelled the transfer is broken off, its connection
    /// closed.
    ///
    /// - Returns: the answer, whatever its status.
    /// - Throws: ``CurlError``.
    public func send(_ request: CurlRequest) async throws(CurlError) -> CurlResponse {
        try request.validate()
        // Submitted and cancelled afterwards, it could be on its way between the two.
        if Task.isCancelled { throw Self.cancelled }
        let id = self.state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: Waiter) in
                self.submit(id, request, waiter)
                // Cancelled since, but before there was something to cancel.
                if Task.isCancelled { self.cancel(id) }
            }
        } onCancel: {
            self.cancel(id)
        }
        return try result.get()
    }

    private static var cancelled: CurlError { CurlError(.cancelled, "The request was cancelled") }

    private func submit(_ id: UInt64, _ request: CurlRequest, _ waiter: Waiter) {
        switch self.state.withLock({ $0.machine.submit(id: id, request: request, waiter: waiter) }) {
        case .wakeUp: self.transfers.wakeUp()
        case .refuse(let waiter, let error): waiter.resume(returning: .failure(error))
        }
    }

    private func cancel(_ id: UInt64) {
        switch self.state.withLock({ $0.machine.cancel(id: id) }) {
        case .wakeUp(let waiter):
            self.transfers.wakeUp()
            waiter.resume(returning: .failure(Self.cancelled))
        case .doNothing: break
        }
    }

    private func stop() {
        let waiters = self.state.withLock { $0.machine.stop() }
        self.transfers.wakeUp()
        for waiter in waiters { waiter.resume(returning: .failure(CurlError(.closed, "The client has ended"))) }
    }

    /// The thread's work.
    private func transferUntilStopped() {
        TransferSet.blockBrokenPipeSignal()
        while true {
            let work = self.state.withLock { $0.machine.takeWork() }
            for id in work.dropped { self.transfers.drop(id: id) }
            if work.isStopping { break }
            for (id, request) in work.begun {
                do throws(CurlError) {
                    try self.transfers.begin(id: id, request: request)
                } catch {
                    self.end(id, .failure(error))
                }
            }
            for (id, result) in self.transfers.perform() { self.end(id, result) }
            self.transfers.wait()
        }
        self.transfers.dropAll()
    }

    private func end(_ id: UInt64, _ result: Result<CurlResponse, CurlError>) {
        self.state.withLock { $0.machine.ended(id: id) }?.resume(returning: result)
    }
}
