/// The status codes of Close frames (RFC 6455 7.4, and those registered with IANA since).
public enum CloseCode {
    /// The purpose is fulfilled.
    public static let normal: UInt16 = 1000
    /// The endpoint goes away.
    public static let goingAway: UInt16 = 1001
    /// The peer broke the protocol.
    public static let protocolError: UInt16 = 1002
    /// The peer sent a type of data that is not accepted.
    public static let unsupportedData: UInt16 = 1003
    /// Never on the wire: a Close frame without a code was received.
    public static let noStatus: UInt16 = 1005
    /// Never on the wire: the connection ended without a Close frame.
    public static let abnormal: UInt16 = 1006
    /// The data is not what it says: invalid UTF-8, or no DEFLATE.
    public static let invalidPayload: UInt16 = 1007
    /// A policy was violated.
    public static let policyViolation: UInt16 = 1008
    /// The message is too big.
    public static let messageTooBig: UInt16 = 1009
    /// The server met an unexpected condition.
    public static let internalError: UInt16 = 1011
    /// The service restarts.
    public static let serviceRestart: UInt16 = 1012
    /// Try again later.
    public static let tryAgainLater: UInt16 = 1013

    /// Whether a peer may put this code into a Close frame: 1000-1003, 1007-1014, 3000-4999.
    public static func isReceivable(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }

    /// Whether a server may put this code into a Close frame: as a peer, but for 1010, which is the client's alone.
    public static func isSendable(_ code: UInt16) -> Bool {
        self.isReceivable(code) && code != 1010
    }
}
