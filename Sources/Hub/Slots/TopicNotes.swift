import NIOCore
import WebSocket

/// An event of a topic that is not in its log, as the frames that carry it. Confined to a loop; encoded once for all its sockets.
final class Note {
    let text: ByteBuffer
    private var plain: ByteBuffer?
    private var deflated: ByteBuffer?
    /// As a server-sent event, without its id.
    private(set) lazy var streamed = StreamText.event(self.text)

    init(text: ByteBuffer) {
        self.text = text
    }

    func frame(isDeflated: Bool) -> ByteBuffer {
        if isDeflated {
            let frame = self.deflated ?? WebSocketFrame.deflatedText(self.text) ?? self.frame(isDeflated: false)
            self.deflated = frame
            return frame
        }
        let frame = self.plain ?? WebSocketFrame.text(self.text)
        self.plain = frame
        return frame
    }
}

/// What is the case beside a topic's log: what its subscribers were told and is not over yet. A value.
///
/// A socket that takes nothing at present keeps the value that it was told last, which costs it one reference, and is told the
/// difference when it reads again.
struct TopicNotes {
    struct Entry {
        var held: Note
        /// What is said once it is over to somebody who was not there to hear why.
        var gone: Note
    }

    private(set) var entries: [String: Entry] = [:]

    var isEmpty: Bool { self.entries.isEmpty }

    /// In the order of their names.
    var present: [Note] {
        self.entries.sorted { $0.key < $1.key }.map(\.value.held)
    }

    mutating func set(_ name: String, _ entry: Entry) {
        self.entries[name] = entry
    }

    /// - Returns: whether there was one of this name
    mutating func remove(_ name: String) -> Bool {
        self.entries.removeValue(forKey: name) != nil
    }

    /// What somebody who knows `earlier` has to be told.
    func difference(from earlier: TopicNotes) -> [Note] {
        let gone = earlier.entries.filter { self.entries[$0.key] == nil }.sorted { $0.key < $1.key }.map(\.value.gone)
        let held = self.entries.filter { earlier.entries[$0.key]?.held !== $0.value.held }.sorted { $0.key < $1.key }.map(
            \.value.held
        )
        return gone + held
    }
}
