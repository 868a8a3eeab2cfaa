/// How often an update that could not be handled is tried again, and when: a value.
struct UpdateRetries {
    enum FailedAction: Equatable {
        case tryAgain(after: Duration)
        case giveUp
    }

    private static let pauses: [Duration] = [.milliseconds(200), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4)]
    private var failures = 0

    /// - Parameter isTransient: whether the failure will pass
    mutating func failed(isTransient: Bool) -> FailedAction {
        defer { self.failures += 1 }
        guard isTransient, self.failures < Self.pauses.count else { return .giveUp }
        return .tryAgain(after: Self.pauses[self.failures])
    }
}
