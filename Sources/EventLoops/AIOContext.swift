import CLinuxAIO

// The one file that touches the system's asynchronous I/O. Its memory is owned here, and no pointer leaves the file.

/// Looks at descriptors, each until it can be read, asked of the kernel: an `aio_context_t` of ``io_setup(2)``. Not Sendable: it is
/// used on its event loop alone.
@safe
final class AIOContext {
    /// An eventfd that becomes readable when a look has ended.
    private let notified: Int32
    private let context: aio_context_t
    /// The kernel knows a request by its address, as long as it is under way.
    private let requests: UnsafeMutableBufferPointer<iocb>
    private var free: [Int]

    /// - Returns: nil where the system offers none: another kernel or one before 4.18, a sandbox that forbids it, or `fs.aio-max-nr`
    ///   used up
    init?(capacity: Int) {
        precondition(capacity > 0, "A context has room for one look")
        var context: aio_context_t = 0
        guard unsafe clinuxaio_setup(UInt32(clamping: capacity), &context) == 0 else { return nil }
        let notified = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard notified >= 0 else {
            _ = clinuxaio_destroy(context)
            return nil
        }
        self.context = context
        self.notified = notified
        unsafe self.requests = .allocate(capacity: capacity)
        unsafe self.requests.initialize(repeating: iocb())
        self.free = Array(0..<capacity)
        guard self.works() else { return nil }
    }

    deinit {
        // Ends what is under way, and returns when it has.
        _ = clinuxaio_destroy(self.context)
        unsafe self.requests.deallocate()
        close(self.notified)
    }

    /// Whether the kernel looks at descriptors: tried on one that can be read.
    private func works() -> Bool {
        let readable = eventfd(1, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard readable >= 0 else { return false }
        defer { close(readable) }
        guard let look = self.look(at: readable) else { return false }
        var answers: [Int] = []
        self.answers { answers.append($0) }
        return answers == [look]
    }

    /// Another descriptor of the eventfd, for somebody who closes it.
    func copyNotified() -> Int32? {
        let copy = clinuxaio_duplicate(self.notified)
        return copy < 0 ? nil : copy
    }

    /// Begins to look at a descriptor, until it can be read or has ended.
    /// - Returns: the look, which is taken until it is answered; nil when no more fit, or the kernel refuses
    func look(at descriptor: Int32) -> Int? {
        guard let look = self.free.popLast() else { return nil }
        let request = unsafe self.requests.baseAddress?.advanced(by: look)
        let count = unsafe clinuxaio_poll(self.context, request, descriptor, Int16(POLLIN), UInt64(look), self.notified)
        guard count == 1 else {
            self.free.append(look)
            return nil
        }
        return look
    }

    /// Ends a look that is under way; it is answered like any other, soon.
    func cancel(_ look: Int) {
        _ = unsafe clinuxaio_cancel(self.context, self.requests.baseAddress?.advanced(by: look))
    }

    /// Hands over the looks that have ended since the last call. Each is free for another one by then, and not before: what a body
    /// begins cannot be mistaken for a look that had ended before it.
    func answers(_ body: (Int) -> Void) {
        unsafe withUnsafeTemporaryAllocation(of: io_event.self, capacity: 16) { events in
            while true {
                let count = unsafe clinuxaio_answers(self.context, events.baseAddress, events.count)
                guard count > 0 else { return }
                for index in 0..<count {
                    let look = Int(unsafe events[index].data)
                    self.free.append(look)
                    body(look)
                }
                guard count == events.count else { return }
            }
        }
    }
}
