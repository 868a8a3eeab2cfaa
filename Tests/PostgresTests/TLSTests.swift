import Foundation
import Support
import Testing

@testable import Postgres

/// A certificate authority of the test's own, a server with a certificate of it for `localhost`, and another authority.
@Suite struct TLSTests {
    private static func openssl(_ arguments: String...) throws {
        try Shell.run(["openssl"] + arguments)
    }

    private static func authority(_ name: String, in folder: String) throws {
        try self.openssl(
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=\(name)",
            "-keyout",
            "\(folder)/\(name).key",
            "-out",
            "\(folder)/\(name).crt"
        )
    }

    @Test func verifyFullTakesTheRightHostAndAuthorityAndNoOther() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Self.authority("ours", in: folder)
        try Self.authority("theirs", in: folder)
        try Self.openssl(
            "req",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-subj",
            "/CN=localhost",
            "-keyout",
            "\(folder)/server.key",
            "-out",
            "\(folder)/server.csr"
        )
        try Data("subjectAltName=DNS:localhost\n".utf8).write(to: URL(fileURLWithPath: "\(folder)/san"))
        try Self.openssl(
            "x509",
            "-req",
            "-in",
            "\(folder)/server.csr",
            "-CA",
            "\(folder)/ours.crt",
            "-CAkey",
            "\(folder)/ours.key",
            "-CAcreateserial",
            "-days",
            "2",
            "-extfile",
            "\(folder)/san",
            "-out",
            "\(folder)/server.crt"
        )
        let server = try PrivatePostgres(
            tls: .init(certificate: "\(folder)/server.crt", key: "\(folder)/server.key", authority: "\(folder)/ours.crt")
        )
        let port = try ConnectionTests.port(of: server.url)
        func open(host: String, authority: String, mode: String = "verify-full") async throws -> Bool {
            let url = "postgresql://adelante@\(host):\(port)/adelante?sslmode=\(mode)&sslrootcert=\(folder)/\(authority).crt"
            return try await withClient(PostgresConfiguration(url: url)) { client in
                try await client.ping()
                return try await client.withConnection { await $0.usesTLS }
            }
        }
        #expect(try await open(host: "localhost", authority: "ours"))

        let wrongHost = await #expect(throws: PostgresError.self) { try await open(host: "127.0.0.1", authority: "ours") }
        #expect(wrongHost?.code == .connectionFailed)
        #expect(wrongHost?.message.contains("does not match host name") == true, "\(wrongHost?.message ?? "")")
        #expect(try await open(host: "127.0.0.1", authority: "ours", mode: "verify-ca"))

        let wrongAuthority = await #expect(throws: PostgresError.self) { try await open(host: "localhost", authority: "theirs") }
        #expect(wrongAuthority?.code == .connectionFailed)
        #expect(wrongAuthority?.message.contains("certificate verify failed") == true, "\(wrongAuthority?.message ?? "")")

        // statements, long answers, cancellation and idle checks go through TLS as well
        let url = "postgresql://adelante@localhost:\(port)/adelante?sslmode=verify-full&sslrootcert=\(folder)/ours.crt"
        try await withClient(PostgresConfiguration(url: url, poolSize: 1, statementTimeout: .seconds(1))) { client in
            let text = String(repeating: "ї", count: 500_000)
            #expect(try await client.query("SELECT \(text)::text AS t").only().get("t", as: String.self) == text)
            let pid = try await client.withConnection { await $0.backendPID }
            let error = await #expect(throws: PostgresError.self) { try await client.query("SELECT pg_sleep(20)") }
            #expect(error?.code == .statementTimeout)
            #expect(try await client.withConnection { await $0.backendPID } == pid)
            try server.restart(.immediate)
            try await client.ping()
        }
        try server.remove()
    }
}
