import Testing

@testable import Redis

@Suite struct RedisErrorTests {
    static let replies: [(String, RedisError.Code)] = [
        ("LOADING Redis is loading the dataset in memory", .loading),
        ("READONLY You can't write against a read only replica.", .readOnly),
        ("NOAUTH Authentication required.", .authenticationRequired),
        ("WRONGPASS invalid username-password pair or user is disabled.", .authenticationFailed),
        ("NOPERM this user has no permissions to run the 'get' command", .noPermission),
        ("MOVED 3999 127.0.0.1:6381", .moved),
        ("NOSCRIPT No matching script. Please use EVAL.", .noScript),
        ("OOM command not allowed when used memory > 'maxmemory'.", .outOfMemory),
        ("MASTERDOWN Link with MASTER is down", .masterDown),
        ("BUSY Redis is busy running a script.", .busy),
        ("ERR unknown command 'FOO'", .serverError),
        ("", .serverError),
    ]

    @Test(arguments: replies) func `the first word of an error reply is its code`(reply: String, code: RedisError.Code) {
        let error = RedisError(reply: reply)
        #expect(error.code == code)
        #expect(error.message == reply)
    }
}
