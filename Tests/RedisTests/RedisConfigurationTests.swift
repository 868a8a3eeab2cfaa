import Testing

@testable import Redis

@Suite struct RedisConfigurationTests {
    struct Expected: Sendable, Equatable {
        var host: String
        var port = 6379
        var username: String?
        var password: String?
        var database = 0
        var isTLS = false
        var certificateAuthorities: String?
    }

    static let valid: [(String, Expected)] = [
        ("redis://localhost", Expected(host: "localhost")),
        ("REDIS://localhost/", Expected(host: "localhost")),
        ("redis://10.0.0.1:7000/3", Expected(host: "10.0.0.1", port: 7000, database: 3)),
        ("redis://:secret@h", Expected(host: "h", password: "secret")),
        ("redis://desk:a:b@h:1", Expected(host: "h", port: 1, username: "desk", password: "a:b")),
        ("redis://d%C3%A9sk:p%40ss%2Fw%25@h/1", Expected(host: "h", username: "désk", password: "p@ss/w%", database: 1)),
        ("redis://[::1]:6380/2", Expected(host: "::1", port: 6380, database: 2)),
        ("rediss://[fe80::1]", Expected(host: "fe80::1", isTLS: true)),
        (
            "rediss://:x@redis.example:6380/0?ca=/etc/our%20ca.pem",
            Expected(host: "redis.example", port: 6380, password: "x", isTLS: true, certificateAuthorities: "/etc/our ca.pem")
        ),
    ]

    @Test(arguments: valid) func `a URL has these parts`(url: String, expected: Expected) throws {
        let configuration = try RedisConfiguration(url: url)
        let actual = Expected(
            host: configuration.host,
            port: configuration.port,
            username: configuration.username,
            password: configuration.password,
            database: configuration.database,
            isTLS: configuration.tls != nil,
            certificateAuthorities: configuration.tls?.certificateAuthorities
        )
        #expect(actual == expected)
        #expect(configuration.connectTimeout == .seconds(2))
        #expect(configuration.commandTimeout == .seconds(2))
    }

    @Test(arguments: [
        "", "localhost:6379", "http://h", "redis://", "redis://:hunter2@", "redis://hunter2@h", "redis://h:0",
        "redis://h:65536", "redis://h:x", "redis://h/-1", "redis://h/zero", "redis://u:hunter2%zz@h", "redis://u:hunter2%F@h",
        "redis://u:%ffhunter2@h", "redis://[::1",
        "redis://[::1]x", "redis://h?ca=/hunter2", "rediss://h?verify=no", "redis://u:12/hunter2@h",
    ])
    func `a wrong URL is refused without repeating it`(url: String) {
        let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error?.code == .invalidURL)
        #expect(error.map { "\($0)".contains("hunter2") } == false)
    }

    @Test func `a configuration shows no password, however it is printed`() throws {
        let configuration = try RedisConfiguration(url: "rediss://desk:hunter2@[::1]:6380/4")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in ["\(configuration)", String(reflecting: configuration), dumped, "\([configuration])"] {
            #expect(!text.contains("hunter2"))
        }
        #expect("\(configuration)" == "rediss://[::1]:6380/4")
    }
}
