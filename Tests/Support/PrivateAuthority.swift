import Foundation

/// A certificate authority made for one test, by the `openssl` program.
public final class PrivateAuthority: Sendable {
    /// PEM files of a server.
    public struct Certificate: Sendable {
        /// Its certificate.
        public let certificate: String
        /// Its private key.
        public let key: String
    }

    /// The PEM file with its certificate.
    public let file: String
    private let folder: String

    /// Makes a key and signs it with itself.
    public init() throws {
        self.folder = FileManager.default.temporaryDirectory.appendingPathComponent("authority-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: self.folder, withIntermediateDirectories: true)
        self.file = "\(self.folder)/ca.crt"
        try Shell.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
                + ["-subj", "/CN=Private authority", "-keyout", "\(self.folder)/ca.key", "-out", self.file]
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: self.folder) }

    /// A server's key and certificate, good for two days and gone with the authority.
    ///
    /// - Parameter names: subject alternative names as OpenSSL writes them, such as `DNS:localhost`
    public func certify(_ names: String) throws -> Certificate {
        let (key, request, certificate) = ("\(self.folder)/s.key", "\(self.folder)/s.csr", "\(self.folder)/s.crt")
        let extensions = "\(self.folder)/s.ext"
        try "subjectAltName=\(names)\n".write(toFile: extensions, atomically: true, encoding: .utf8)
        try Shell.run(
            ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=server"]
                + ["-keyout", key, "-out", request]
        )
        try Shell.run(
            ["openssl", "x509", "-req", "-in", request, "-CA", self.file, "-CAkey", "\(self.folder)/ca.key", "-CAcreateserial"]
                + ["-days", "2", "-extfile", extensions, "-out", certificate]
        )
        return Certificate(certificate: certificate, key: key)
    }
}
