/// Depth-first through every world that can come of one, each once.
struct ModelSearch {
    /// How many different worlds were seen.
    private(set) var worlds = 0
    /// In how many of them nothing but looks could happen any more.
    private(set) var ends = 0
    /// The first fault, and the way to it.
    private(set) var fault: String?

    /// How each world was come to first: from which, and by what.
    private final class Trail {
        var seen: Set<ModelWorld> = []
        var steps: [(from: Int, step: ModelStep?)] = []
        var stack: [(world: ModelWorld, number: Int)] = []

        func add(_ world: ModelWorld, from: Int, _ step: ModelStep?) {
            guard self.seen.insert(world).inserted else { return }
            self.stack.append((world, self.steps.count))
            self.steps.append((from, step))
        }

        func way(to number: Int) -> String {
            var (number, names) = (number, [String]())
            while number >= 0 {
                if let step = self.steps[number].step { names.append("\(step)") }
                number = self.steps[number].from
            }
            return names.reversed().joined(separator: "; ")
        }
    }

    /// - Parameter limit: worlds after which the search fails rather than goes on
    init(_ start: ModelWorld, limit: Int = 3_000_000) {
        let trail = Trail()
        trail.add(start, from: -1, nil)
        while let (world, number) = trail.stack.popLast() {
            self.worlds += 1
            let isBusy = world.next { trail.add($1.canonical, from: number, $0) }
            if !isBusy { self.ends += 1 }
            if let fault = world.fault ?? (isBusy ? nil : world.lack) ?? (self.worlds > limit ? "there are too many worlds" : nil)
            {
                self.fault = "\(fault): \(trail.way(to: number))"
                return
            }
        }
    }
}
