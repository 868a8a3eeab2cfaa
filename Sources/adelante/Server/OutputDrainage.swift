import NIOCore

/// What of a connection's answers may not have reached the kernel yet, and what happens when it has. A pure value.
struct OutputDrainage {
    /// What a socket takes at once from anybody who reads at all: writes of less are not watched.
    private static let unwatchedBytes = 16_384

    /// What to do about a connection that is to be closed.
    enum CloseAction: Equatable {
        case now
        /// When the last write has been taken, or its time is over.
        case whenDrained
        /// That has been asked for already.
        case isAsked
    }

    private var pending = 0
    private var closing: CloseMode?

    /// Something is written.
    ///
    /// - Parameters:
    ///   - bytes: of a body
    ///   - isLast: whether the connection ends behind it
    /// - Returns: whether to tell by ``end()`` when it has been taken
    mutating func begin(bytes: Int, isLast: Bool) -> Bool {
        guard self.pending > 0 || bytes > Self.unwatchedBytes || isLast else { return false }
        self.pending += 1
        return true
    }

    /// A write has been taken, or never will be.
    ///
    /// - Returns: how to close now, if that waited for it
    mutating func end() -> CloseMode? {
        self.pending -= 1
        return self.pending == 0 ? self.closing : nil
    }

    mutating func close(_ mode: CloseMode) -> CloseAction {
        guard self.pending > 0 else { return .now }
        defer { self.closing = mode == .all ? .all : self.closing ?? mode }
        return self.closing == nil ? .whenDrained : .isAsked
    }
}
