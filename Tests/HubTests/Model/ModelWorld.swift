@testable import Hub

/// Writers, PostgreSQL, what is on its way through Redis, and nodes: everything that may happen next, from anywhere.
struct ModelWorld: Hashable {
    private(set) var database: ModelDatabase
    private(set) var nodes: [ModelNode]
    /// By node. Publications are lost, repeated and overtaken; a node's own commits come to it in the same way.
    private var wire: [[ModelEvent]]
    private var repetitions: Int
    private var failures: Int

    init(_ budget: ModelBudget, mutant: ModelMutant? = nil) {
        self.database = ModelDatabase(budget)
        self.nodes = (0..<budget.nodes).map { _ in ModelNode(joining: budget.joining, mutant: mutant) }
        self.wire = Array(repeating: [], count: budget.nodes)
        self.repetitions = budget.repetitions
        self.failures = budget.failures
    }

    /// Calls `visit` with each thing that may happen next, and with the world behind it.
    ///
    /// - Returns: whether there was anything but a look to take
    @discardableResult
    func next(_ visit: @escaping (ModelStep, ModelWorld) -> Void) -> Bool {
        var isBusy = false
        let branch: Branch = { name, place, step in
            isBusy = true
            var world = self
            step(&world)
            visit(ModelStep(name: name, place: place), world)
        }
        self.write(branch)
        for node in self.nodes.indices {
            self.deliver(to: node, branch)
            self.answer(node, branch)
            self.hear(node, branch)
        }
        let wasBusy = isBusy
        for node in self.nodes.indices where self.nodes[node].mayLook(self.database) {
            branch("a node takes a look", node) { $0.nodes[node].takeLook($0.database) }
        }
        return wasBusy
    }

    private typealias Branch = (StaticString, Int, (inout ModelWorld) -> Void) -> Void

    private func write(_ branch: Branch) {
        for writer in self.database.open.indices {
            if let transaction = self.database.open[writer] {
                if transaction.row == nil, !self.database.isHeadLocked {
                    branch("a writer takes the head", writer) { $0.database.record(writer) }
                } else if transaction.row != nil {
                    branch("a writer commits", writer) { $0.commit(writer) }
                }
                if self.database.rollbacks > 0 { branch("a writer rolls back", writer) { $0.database.rollBack(writer) } }
            } else if self.database.toBegin[writer] > 0 {
                branch("a writer begins", writer) { $0.database.begin(writer) }
            }
        }
        if self.database.renewals > 0, self.database.isIdle {
            for count in 0...self.database.rows.count {
                branch("the epoch is renewed, with so many events", count) { $0.database.renew(keeping: count) }
            }
        }
    }

    private mutating func commit(_ writer: Int) {
        guard let row = self.database.commit(writer) else { return }
        let event = ModelEvent(seq: row.seq, born: row.born, epoch: self.database.epoch)
        for node in self.wire.indices { self.wire[node].append(event) }
    }

    private func deliver(to node: Int, _ branch: Branch) {
        for (index, event) in self.wire[node].enumerated() {
            branch("a publication arrives", Int(event.seq)) { world in
                world.wire[node].remove(at: index)
                world.nodes[node].received(event)
            }
            if self.repetitions > 0 {
                branch("a publication arrives, and will again", Int(event.seq)) { world in
                    world.repetitions -= 1
                    world.nodes[node].received(event)
                }
            }
            branch("a publication is lost", Int(event.seq)) { _ = $0.wire[node].remove(at: index) }
        }
    }

    private func answer(_ node: Int, _ branch: Branch) {
        let state = self.nodes[node]
        if case .asked = state.gap { branch("a page is read", node) { $0.nodes[node].answerGap($0.database) } }
        if state.joining == .asked { branch("the first head is read", node) { $0.nodes[node].answerJoining($0.database) } }
        if state.verification == .asked {
            branch("the head is read behind an empty page", node) { $0.nodes[node].answerVerification($0.database) }
        }
        if state.doubt?.read == .asked { branch("the head is read in doubt", node) { $0.nodes[node].answerDoubt($0.database) } }
    }

    private func hear(_ node: Int, _ branch: Branch) {
        let state = self.nodes[node]
        if state.look != nil { branch("a look's answer arrives", node) { $0.nodes[node].lookArrived($0.database) } }
        if state.isTimerRunning { branch("the gap timer fires", node) { $0.nodes[node].timerFired() } }
        if state.isRetryDue { branch("a question is asked again", node) { $0.nodes[node].retry() } }
        if case .answered = state.gap { branch("a page arrives", node) { $0.nodes[node].gapArrived() } }
        if case .answered = state.joining { branch("the first head arrives", node) { $0.nodes[node].joined() } }
        if case .answered = state.verification {
            branch("the head behind an empty page arrives", node) { $0.nodes[node].verificationArrived() }
        }
        if case .answered = state.doubt?.read {
            branch("the head in doubt arrives", node) { $0.nodes[node].doubtSettled() }
        }
        if self.failures > 0, state.gap != nil || state.verification != nil {
            branch("a question fails", node) { world in
                world.failures -= 1
                world.nodes[node].gapFailed()
            }
        }
    }

    /// How many nodes could take a look: the last of what may happen next.
    private var lookless: Int { self.nodes.count { $0.mayLook(self.database) } }

    /// Nodes are alike: which of two is where makes no difference.
    var canonical: ModelWorld {
        guard self.nodes.count == 2, self.rank(1) < self.rank(0) else { return self }
        var world = self
        world.nodes.swapAt(0, 1)
        world.wire.swapAt(0, 1)
        return world
    }

    private func rank(_ node: Int) -> Int {
        var hasher = Hasher()
        hasher.combine(self.nodes[node])
        hasher.combine(self.wire[node])
        return hasher.finalize()
    }

    // MARK: What has to hold

    /// What is wrong in this world, whatever comes.
    var fault: String? {
        for (number, node) in self.nodes.enumerated() {
            for (index, event) in node.delivered.enumerated() {
                if event.seq != node.base + Int64(index) + 1 {
                    return "node \(number) handed on \(event.seq) as number \(index + 1)"
                }
                if !self.database.has(event, in: node.epoch) { return "node \(number) handed on an event of another history" }
            }
            if node.startedOver > self.database.past.count { return "node \(number) gave up a sound history" }
        }
        return nil
    }

    /// What is missing once nothing happens any more but looks: those bring everything, or nothing does.
    var lack: String? {
        var world = self
        // A look, what follows from it, and another: as often as something can follow.
        for _ in 0..<6 {
            for node in world.nodes.indices {
                world.nodes[node].takeLook(world.database)
                world.nodes[node].lookArrived(world.database)
            }
            for turn in 0... {
                var possible: [ModelWorld] = []
                guard world.next({ possible.append($1) }) else { break }
                // Each in its turn: a question that is asked again and again must not keep another from being answered.
                world = possible[turn % (possible.count - world.lookless)]
                if let fault = world.fault { return fault }
                if turn > 1_000 { return "it never comes to rest" }
            }
        }
        for (number, node) in world.nodes.enumerated() {
            let end = node.base + Int64(node.delivered.count)
            if !node.isQuiet { return "node \(number) is not done" }
            if node.epoch != world.database.epoch { return "node \(number) is in an epoch that has ended" }
            if end != world.database.head { return "node \(number) stands at \(end), the topic at \(world.database.head)" }
        }
        return nil
    }
}

/// Something that happened.
struct ModelStep: CustomStringConvertible {
    var name: StaticString
    /// Which writer, node, seq or count.
    var place: Int

    var description: String { "\(self.name) (\(self.place))" }
}
