import Postgres
import Testing

@testable import REST

@Suite("Imports that cannot go on")
struct ImportInterruptionTests {
    private static func text(_ error: APIError) -> String { error.message?.text(in: .english) ?? "" }

    @Test("rows of a COMMIT whose answer was lost may be there, those behind them are not")
    func unknown() throws {
        let interruption = ImportInterruption(PostgresError(.commitUnknown, "lost"))
        #expect(Self.text(interruption.concerned).hasPrefix("may have been imported"))
        #expect(Self.text(interruption.following).hasPrefix("was not imported"))
        #expect((interruption.whole as? APIError)?.code == .outcomeUnknown)
    }

    @Test("rows of any other failure are not there, and a request that imported nothing fails by its cause")
    func others() throws {
        let lost = ImportInterruption(PostgresError(.connectionLost, "lost"))
        #expect(Self.text(lost.concerned).hasPrefix("was not imported: the service"))
        #expect((lost.whole as? PostgresError)?.code == .connectionLost)
        let changed = ImportInterruption(CallerChanged(refusal: APIError(.userInactive)))
        #expect(Self.text(changed.concerned).hasPrefix("was not imported: your rights"))
        #expect((changed.whole as? APIError)?.code == .userInactive)
    }
}
