/// Why a token is not accepted. None of these is told to the client apart from ``wrongType``.
public enum TokenError: Error, Hashable, Sendable {
    /// Not three parts of base64url, longer than 4,096 bytes, another header than HS256's, or claims of another form.
    case malformed
    /// Signed with another key, or changed since.
    case badSignature
    /// Its time is over.
    case expired
    /// An access token where a refresh token is wanted, or the reverse.
    case wrongType
}
