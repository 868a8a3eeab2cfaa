import Testing

@testable import Postgres

@Suite struct RedactionTests {
    @Test func passwordsAreScrubbedAsWrittenAndAsEncoded() {
        let redaction = Redaction(secrets: ["p@ss wörd", ""])
        #expect(redaction.scrub("no p@ss wörd\nhere: p%40ss%20w%C3%B6rd.") == "no *** here: ***.")
    }

    @Test(arguments: [
        "postgresql://u:s3cret@word@localhost/db", "postgresql://u:s3cret/word@localhost/db",
        "postgres://u:s3cret%zz@localhost/db",
        "postgresql://u:s3cret@[::1/db", "u:s3cret@localhost", "password=s3cret host",
        "postgresql://u:s3cret@localhost:1/db?sslmode=bad",
        "postgresql://u:s3cret@localhost:x1/db", "postgresql://u@127.0.0.1:1/db?password=s3cret",
        "host=127.0.0.1 port=1 password='s3cret'",
    ])
    func aConnectionStringThatFailsIsNotQuoted(_ url: String) async {
        let error = await #expect(throws: PostgresError.self) {
            _ = try await PostgresConnection.open(PostgresConfiguration(url: url))
        }
        #expect(error?.code == .connectionFailed)
        #expect(error?.message.isEmpty == false)
        #expect(error?.description.contains("s3cret") == false, "\(error?.description ?? "")")
    }

    @Test func aConfigurationDoesNotShowItsURL() {
        let configuration = PostgresConfiguration(url: "postgresql://u:s3cret@localhost/db")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("s3cret"))
        }
    }

    @Test func libpqsWordsBecomeAMessageAndAState() {
        let error = ConnectFailure(
            libpqMessage: """
                connection to server at "127.0.0.1", port 5432 failed: FATAL:  28P01: password authentication failed for user "pw"
                LOCATION:  auth_failed, auth.c:326

                """,
            redaction: Redaction(secrets: ["hunter2"])
        ).error
        #expect(error.sqlState == .invalidPassword)
        #expect(
            error.message
                == #"connection to server at "127.0.0.1", port 5432 failed: FATAL: password authentication failed for user "pw""#
        )
        let refused = ConnectFailure(
            libpqMessage: "connection to server at \"127.0.0.1\", port 1 failed: Connection refused\n\tIs the server running?\n",
            redaction: Redaction(secrets: [])
        ).error
        #expect(refused.sqlState == nil)
        #expect(
            refused.message == #"connection to server at "127.0.0.1", port 1 failed: Connection refused Is the server running?"#
        )
    }
}
