import JSON

/// A chat that the bot is in: a person's, or a group.
struct Room: Sendable {
    /// How many messages are kept; older ones can no longer be edited.
    static let longestHistory = 300

    /// A group's title; nil for a person's own chat.
    var title: String?
    private(set) var posts: [Post] = []
    private var lastID: Int64 = 0

    init(title: String? = nil) {
        self.title = title
    }

    /// The next message's number.
    mutating func nextID() -> Int64 {
        self.lastID += 1
        return self.lastID
    }

    mutating func append(_ post: Post) {
        self.posts.append(post)
        if self.posts.count > Self.longestHistory { self.posts.removeFirst() }
    }

    subscript(id: Int64) -> Post? {
        self.posts.first { $0.id == id }
    }

    mutating func replace(_ post: Post) {
        guard let index = self.posts.firstIndex(where: { $0.id == post.id }) else { return }
        self.posts[index] = post
    }
}
