/// A first-in first-out queue from whose middle an element can be taken by its id, all in constant time on average.
struct WaitQueue<Element> {
    typealias ID = UInt64

    private var order: [ID] = []
    private var head = 0
    private var elements: [ID: Element] = [:]

    var count: Int { self.elements.count }
    var isEmpty: Bool { self.elements.isEmpty }

    mutating func append(_ element: Element, id: ID) {
        precondition(self.elements.updateValue(element, forKey: id) == nil, "An id waits once")
        self.order.append(id)
    }

    mutating func remove(_ id: ID) -> Element? {
        self.elements.removeValue(forKey: id)
    }

    /// Who has waited longest.
    var first: Element? {
        mutating get {
            while self.head < self.order.count {
                if let element = self.elements[self.order[self.head]] {
                    return element
                }
                self.advance()
            }
            return nil
        }
    }

    mutating func popFirst() -> Element? {
        while self.head < self.order.count {
            let id = self.order[self.head]
            self.advance()
            if let element = self.elements.removeValue(forKey: id) {
                return element
            }
        }
        self.order.removeAll(keepingCapacity: true)
        self.head = 0
        return nil
    }

    /// Takes the first of the next 32 that suits, if one does; those that are gone already count, so that nobody is overtaken for ever.
    mutating func popFirst(where suits: (Element) -> Bool) -> Element? {
        for id in self.order.dropFirst(self.head).prefix(32) {
            if let element = self.elements[id], suits(element) { return self.remove(id) }
        }
        return nil
    }

    private mutating func advance() {
        self.head += 1
        if self.head > 32, self.head * 2 > self.order.count {
            self.order.removeFirst(self.head)
            self.head = 0
        }
    }

    mutating func removeAll() -> [Element] {
        var all: [Element] = []
        while let element = self.popFirst() {
            all.append(element)
        }
        return all
    }
}
