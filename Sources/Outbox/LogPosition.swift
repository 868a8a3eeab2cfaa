import Hub

/// How far a node has looked through what is committed, and what a look says beside its changes. Without I/O.
struct LogPosition {
    /// What the heads of all topics have to be asked for.
    enum Doubt {
        case none
        /// What was committed before the first look, and after a topic's head was read, no look will find.
        case firstLook
        /// The epochs were renewed.
        case renewed
        /// Another PostgreSQL counts its transactions from further back: what it committed before this look, none will find.
        case wentBack
    }

    private var last: LogChanges?

    /// Where the next look starts; `nil` before the first.
    var watermark: UInt64? { self.last?.watermark }

    /// A look has found this.
    mutating func learned(_ found: LogChanges) -> Doubt {
        defer { self.last = found }
        guard let last else { return .firstLook }
        if last.history != found.history { return .renewed }
        return found.watermark < last.watermark ? .wentBack : .none
    }
}
