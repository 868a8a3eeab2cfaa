/// What somebody who follows a board is told.
public enum BoardNews: Sendable, Equatable {
    /// The whole board. First, and again when it was asked for.
    case state([BoardEntry])
    /// A line is new, or says something else than before.
    case set(BoardEntry, before: BoardEntry?)
    /// A line is gone.
    case removed(BoardEntry, BoardNote)
    /// Redis is away: nobody can say. Only ever in place of the first state.
    case away
}

/// One reader of one board.
public struct BoardFollowing: Sendable {
    let board: String
    let reader: UInt64
}
