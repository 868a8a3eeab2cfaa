import NIOSSL

/// What a node shows of itself where it encrypts by itself: `TLS_CERT`, `TLS_KEY`.
enum ServerCertificate {
    /// - Parameters:
    ///   - certificate: a PEM file with the certificate and those that it follows from
    ///   - key: a PEM file with its key
    /// - Returns: `nil` where there is neither
    /// - Throws: which of the two cannot be used
    static func context(certificate: String?, key: String?) throws(SettingError) -> NIOSSLContext? {
        switch (certificate, key) {
        case (nil, nil): return nil
        case (_?, nil): throw SettingError("TLS_KEY", "is not set although TLS_CERT is")
        case (nil, _?): throw SettingError("TLS_CERT", "is not set although TLS_KEY is")
        case (let certificate?, let key?):
            let chain = try self.read("TLS_CERT", "certificate") { try NIOSSLCertificate.fromPEMFile(certificate) }
            guard !chain.isEmpty else { throw SettingError("TLS_CERT", "names a file without a certificate in PEM") }
            let key = try self.read("TLS_KEY", "key") { try NIOSSLPrivateKey(file: key, format: .pem) }
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
