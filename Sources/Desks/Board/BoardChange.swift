/// One step of a board, as it is published: `<board> <born> <before> <version> <+ or -> <id> <note> <entry or ->`.
struct BoardChange: Sendable, Equatable {
    enum Step: Sendable, Equatable {
        case set(BoardEntry)
        case removed(id: String, note: BoardNote)
    }

    let board: String
    /// When Redis began to know of the board.
    let born: Int64
    /// The version that the board had; whoever has another one has missed something.
    let before: Int64
    /// The version that it has now.
    let version: Int64
    let step: Step

    init(board: String, born: Int64, before: Int64, version: Int64, step: Step) {
        self.board = board
        self.born = born
        self.before = before
        self.version = version
        self.step = step
    }

    /// - Returns: nil for what cannot be read
    init?(message: String) {
        let parts = message.split(separator: " ", maxSplits: 7)
        guard parts.count == 8, let born = Int64(parts[1]), let before = Int64(parts[2]), let version = Int64(parts[3]) else {
            return nil
        }
        let (board, id) = (String(parts[0]), String(parts[5]))
        switch parts[4] {
        case "+":
            guard let entry = BoardEntry(id: id, text: String(parts[7])) else { return nil }
            self.init(board: board, born: born, before: before, version: version, step: .set(entry))
        case "-":
            let step = Step.removed(id: id, note: BoardNote(String(parts[6])))
            self.init(board: board, born: born, before: before, version: version, step: step)
        default: return nil
        }
    }
}

/// Why a line was removed, and by which socket if it was one: `released:4f1c…`.
public struct BoardNote: Sendable, Equatable {
    /// One word.
    public let reason: String
    /// The id of the socket that asked for it.
    public let connection: String?

    /// Its lease was over, or nobody can say.
    static let lapsed = BoardNote("lapsed")

    init(_ reason: String, by connection: String) {
        self.reason = reason
        self.connection = connection
    }

    init(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1)
        self.reason = parts.first.map(String.init) ?? ""
        self.connection = parts.count == 2 ? String(parts[1]) : nil
    }

    var text: String { self.reason + (self.connection.map { ":\($0)" } ?? "") }
}

/// A board as a look found it.
struct BoardState: Sendable, Equatable {
    /// Redis's clock, in milliseconds since 1970.
    var now: Int64
    /// Moves on with every change, and is never used twice, also not after Redis lost its memory; 0 for a board that Redis
    /// knows nothing of.
    var version: Int64
    /// When Redis began to know of it: another value means that it had forgotten it in between.
    var born: Int64
    var entries: [String: BoardEntry]

    /// - Parameter fields: of the board's hash, names and values in turn
    init(now: Int64, fields: [String]) {
        self.now = now
        (self.version, self.born, self.entries) = (0, 0, [:])
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            switch fields[index] {
            case "#": self.version = Int64(fields[index + 1]) ?? 0
            case "#born": self.born = Int64(fields[index + 1]) ?? 0
            case let id: if let entry = BoardEntry(id: id, text: fields[index + 1]) { self.entries[id] = entry }
            }
        }
    }
}
