import CLibPQ
import Glibc

/// The two clocks, in the units this module counts in.
enum SystemClock {
    /// Nanoseconds of a clock that never goes back; of use only for differences.
    static func monotonicNanoseconds() -> UInt64 {
        let time = self.read(CLOCK_MONOTONIC)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    static func microsecondsSince1970() -> Int64 {
        let time = self.read(CLOCK_REALTIME)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return time
    }
}

enum SystemThread {
    /// The kernel's number of the calling thread.
    ///
    /// Not `pthread_self`, which glibc declares `const`: the optimiser may ask it before a task's switch to another thread and
    /// believe the answer after it.
    static func current() -> pid_t { clibpq_thread_id() }
}

extension Duration {
    /// The duration in nanoseconds; at least 0, at most some 584 years.
    var clampedNanoseconds: UInt64 {
        let (seconds, attoseconds) = self.components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (product, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, carry) = product.addingReportingOverflow(UInt64(attoseconds / 1_000_000_000))
        return overflow || carry ? .max : sum
    }
}

/// A signal from any thread to one that waits: an eventfd.
final class WakeUp: Sendable {
    private let descriptor: Int32

    init() throws(PostgresError) {
        self.descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard self.descriptor >= 0 else {
            throw PostgresError(.connectionFailed, "no file descriptor is left for another connection")
        }
    }

    deinit {
        close(self.descriptor)
    }

    /// Ends the wait that is going on, or the next one.
    func signal() {
        eventfd_write(self.descriptor, 1)
    }

    /// What ended a wait.
    struct Ready {
        var isSignalled = false
        var isSocketReady = false
    }

    /// Waits for a signal, for a socket, or until `timeout` (nanoseconds; nil waits for ever) has passed.
    func wait(socket: Int32? = nil, forWriting: Bool = false, orReading: Bool = true, timeout: UInt64? = nil) -> Ready {
        var interest: Int16 = 0
        if forWriting {
            interest |= Int16(POLLOUT)
        }
        if orReading {
            interest |= Int16(POLLIN)
        }
        // poll ignores a negative descriptor
        var entries: InlineArray<2, pollfd> = [
            pollfd(fd: self.descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket ?? -1, events: interest, revents: 0),
        ]
        let milliseconds = timeout.map { Int32(clamping: ($0 + 999_999) / 1_000_000) } ?? -1
        var span = entries.mutableSpan
        let count = unsafe span.withUnsafeMutableBufferPointer { unsafe poll($0.baseAddress, 2, milliseconds) }
        // a signal handler ran, or nothing happened: the caller looks at its clock and waits on
        guard count > 0 else { return Ready() }
        var ready = Ready()
        if entries[0].revents != 0 {
            var value: UInt64 = 0
            unsafe eventfd_read(self.descriptor, &value)
            ready.isSignalled = true
        }
        ready.isSocketReady = entries[1].revents != 0
        return ready
    }

    /// Whether a socket has something to read or was closed, without waiting.
    static func isReadable(_ socket: Int32) -> Bool {
        var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&entry, 1, 0) > 0
    }
}
