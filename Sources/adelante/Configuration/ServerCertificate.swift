import NIOSSL

/// What a node shows of itself where it encrypts by itself, in PEM files. Commands that serve nobody need not be able to read them.
struct ServerCertificate: Sendable {
    /// `TLS_CERT`: the certificate, and those that it follows from.
    var certificate: String
    /// `TLS_KEY`: its key.
    var key: String

    /// Reads both.
    ///
    /// - Throws: which of the two cannot be used
    func context() throws(SettingError) -> NIOSSLContext {
        let chain = try Self.read("TLS_CERT", "certificate") { try NIOSSLCertificate.fromPEMFile(self.certificate) }
        guard !chain.isEmpty else { throw SettingError("TLS_CERT", "names a file without a certificate in PEM") }
        let key = try Self.read("TLS_KEY", "key") { try NIOSSLPrivateKey(file: self.key, format: .pem) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw SettingError("TLS_KEY", "is not the key of TLS_CERT")
        }
    }

    private static func read<Content>(
        _ name: String,
        _ what: String,
        _ body: () throws -> Content
    ) throws(SettingError) -> Content {
        do {
            return try body()
        } catch {
            throw SettingError(name, "cannot be read: no such file, or no \(what) in PEM")
        }
    }
}
