import NIOCore
import Spreadsheet
import Synchronization

/// Workbooks on their way to whoever asked for them. Each is an open file until its last byte has gone, and nobody can make a
/// reader hurry, so there are a few for each user and some more for all.
final class Downloads: Sendable {
    private let capacity: Int
    private let share: Int
    private let taken = Mutex<[Int64: Int]>([:])

    /// - Parameters:
    ///   - capacity: how many there are at once
    ///   - share: how many of them one user may have
    init(capacity: Int = 32, share: Int = 4) {
        (self.capacity, self.share) = (capacity, share)
    }

    /// Takes a place, before anything is made that would need one.
    ///
    /// - Throws: 429 for a user who has their share, 503 if there is no place
    func begin(by userID: Int64) throws(APIError) -> DownloadPlace {
        try self.taken.withLock { taken throws(APIError) in
            guard taken[userID, default: 0] < self.share else {
                let text = LocalizedText(
                    "Other workbooks are still on their way to you: fetch them first",
                    "Інші книги ще завантажуються: спершу дочекайтеся їх"
                )
                throw APIError(.rateLimited, message: text, retryAfter: 5)
            }
            guard taken.values.reduce(0, +) < self.capacity else { throw APIError(.unavailable, retryAfter: 5) }
            taken[userID, default: 0] += 1
        }
        return DownloadPlace(self, userID)
    }

    fileprivate func giveBack(_ userID: Int64) {
        self.taken.withLock { taken in
            let left = taken[userID, default: 1] - 1
            taken[userID] = left > 0 ? left : nil
        }
    }
}

/// A place among ``Downloads``, for as long as somebody holds it: an answer that nobody sends gives it back, too.
final class DownloadPlace: Sendable {
    private let downloads: Downloads
    private let userID: Int64

    fileprivate init(_ downloads: Downloads, _ userID: Int64) {
        (self.downloads, self.userID) = (downloads, userID)
    }

    deinit { self.downloads.giveBack(self.userID) }
}

/// A workbook that is being sent.
struct Download: Sendable {
    let file: SheetFile
    let place: DownloadPlace

    /// Ends the connection unless the file has gone by then: a minute, and a second for each 16 KiB.
    ///
    /// - Returns: to be cancelled when it has
    static func deadline(for bytes: Int, on channel: any Channel) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: .seconds(60 + Int64(bytes >> 14))) { channel.close(promise: nil) }
    }
}
