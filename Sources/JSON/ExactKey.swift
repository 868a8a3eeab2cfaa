/// A member's name compared and hashed by its bytes.
///
/// `String` would take canonically equivalent names for one. It would also hash all of them alike, which a sender could
/// use to make an index of thousands of names slow.
struct ExactKey: Hashable {
    private let name: String

    init(_ name: String) {
        self.name = name
    }

    static func equal(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count && left == right && left.utf8.elementsEqual(right.utf8)
    }

    static func == (left: ExactKey, right: ExactKey) -> Bool {
        equal(left.name, right.name)
    }

    func hash(into hasher: inout Hasher) {
        var name = self.name
        name.withUTF8 { bytes in unsafe hasher.combine(bytes: UnsafeRawBufferPointer(bytes)) }
    }
}
