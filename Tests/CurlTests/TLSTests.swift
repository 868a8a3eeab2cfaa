import Curl
import NIOCore
import NIOSSL
import Support
import Testing

@Suite struct TLSTests {
    private static func server(_ authority: PrivateAuthority, _ names: String) async throws -> ByteServer {
        let files = try authority.certify(names)
        let certificates = try NIOSSLCertificate.fromPEMFile(files.certificate).map { NIOSSLCertificateSource.certificate($0) }
        let key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(certificateChain: certificates, privateKey: .privateKey(key))
        )
        return try await ByteServer.start { try $0.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) }
    }

    @Test func `a server is verified by its authority and its name`() async throws {
        let (ours, theirs) = (try PrivateAuthority(), try PrivateAuthority())
        let server = try await Self.server(ours, "DNS:localhost,IP:127.0.0.1")
        try await withCurl(CurlConfiguration(certificateAuthorities: ours.file)) { curl in
            for host in ["localhost", "127.0.0.1"] {
                async let answer = curl.send(CurlRequest(.get, server.url(scheme: "https", host: host)))
                let stream = try await server.accept()
                _ = try await stream.readText()
                stream.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
                #expect(try await answer.status == 200)
            }
        }
        let elsewhere = try await Self.server(ours, "DNS:elsewhere.example")
        for (what, file, server) in [
            ("another authority", theirs.file, server), ("the system's authorities", nil, server),
            ("another name", ours.file, elsewhere),
        ] {
            try await withCurl(CurlConfiguration(certificateAuthorities: file)) { curl in
                let failure = await curl.failure(CurlRequest(.get, server.url("/secret", scheme: "https", host: "localhost")))
                #expect(failure?.code == .tlsFailed, "\(what): \(String(describing: failure))")
            }
        }
        withExtendedLifetime((ours, theirs)) {}
    }
}
