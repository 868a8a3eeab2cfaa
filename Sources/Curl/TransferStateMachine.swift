/// Who waits for which transfer, between the tasks that ask and the one thread that transfers. Each waiter comes out exactly once.
struct TransferStateMachine<Waiter> {
    /// What the thread has to do.
    struct Work {
        /// To begin.
        var begun: [(id: UInt64, request: CurlRequest)] = []
        /// To break off; nobody waits for them any more.
        var dropped: [UInt64] = []
        /// Whether to end.
        var isStopping = false
    }

    enum SubmitAction {
        case wakeUp
        /// The waiter is told at once.
        case refuse(Waiter, CurlError)
    }

    enum CancelAction {
        case wakeUp(Waiter)
        /// It has been answered already.
        case doNothing
    }

    private let limit: Int
    private var waiters: [UInt64: Waiter] = [:]
    private var work = Work()

    init(limit: Int) {
        self.limit = limit
    }

    /// Somebody asks. Before the thread runs, requests wait for it.
    mutating func submit(id: UInt64, request: CurlRequest, waiter: Waiter) -> SubmitAction {
        if self.work.isStopping {
            return .refuse(waiter, CurlError(.closed, "The client has ended"))
        }
        guard self.waiters.count < self.limit else {
            return .refuse(waiter, CurlError(.tooManyTransfers, "\(self.limit) transfers are under way"))
        }
        self.waiters[id] = waiter
        self.work.begun.append((id, request))
        return .wakeUp
    }

    /// Somebody no longer wants to know.
    mutating func cancel(id: UInt64) -> CancelAction {
        guard let waiter = self.waiters.removeValue(forKey: id) else { return .doNothing }
        if let index = self.work.begun.firstIndex(where: { $0.id == id }) {
            self.work.begun.remove(at: index)
        } else {
            self.work.dropped.append(id)
        }
        return .wakeUp(waiter)
    }

    /// A transfer has ended, or could not begin.
    ///
    /// - Returns: who waits for it, if somebody still does.
    mutating func ended(id: UInt64) -> Waiter? {
        self.waiters.removeValue(forKey: id)
    }

    /// The thread asks what there is to do; nothing is handed out twice.
    mutating func takeWork() -> Work {
        defer { self.work = Work(isStopping: self.work.isStopping) }
        return self.work
    }

    /// The client ends.
    ///
    /// - Returns: all who still wait.
    mutating func stop() -> [Waiter] {
        defer { self.waiters = [:] }
        self.work = Work(isStopping: true)
        return Array(self.waiters.values)
    }
}
