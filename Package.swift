// swift-tools-version: 6.3
import PackageDescription

/// One list for every target of ours: Swift 6, warnings are errors, pointers say so.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
    .strictMemorySafety(),
]

/// Tests hold raw test data and drive processes; they keep every check but the pointer audit.
let testSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")

let package = Package(
    name: "adelante",
    dependencies: [
        // sockets, event loops, HTTP/1 parsing
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        // https and wss in process, rediss
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        // HTTPRequest and HTTPResponse between NIO and the router
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        // router, middleware and request handling of the REST side
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1", traits: []),
        // ordered start and stop
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        // the ring of a topic's log
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        // every build makes Protocol/*.yaml a part of the program, and tests hold the server to them
        .package(url: "https://github.com/jpsim/Yams.git", from: "6.2.2"),
        // the command line
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
    ],
    targets: [
        // C libraries of the system, one module map each; one Swift file each owns their pointers.
        .systemLibrary(name: "CLibPQ", path: "Sources/C/CLibPQ"),
        .systemLibrary(name: "CHiredis", path: "Sources/C/CHiredis"),
        .systemLibrary(name: "COpenSSL", path: "Sources/C/COpenSSL"),
        .systemLibrary(name: "CZlib", path: "Sources/C/CZlib"),
        .systemLibrary(name: "CXCrypt", path: "Sources/C/CXCrypt"),
        .systemLibrary(name: "CCurl", path: "Sources/C/CCurl"),
        .systemLibrary(name: "CQREncode", path: "Sources/C/CQREncode"),
        .systemLibrary(name: "CPNG", path: "Sources/C/CPNG"),
        .systemLibrary(name: "CXLSXWriter", path: "Sources/C/CXLSXWriter"),
        .systemLibrary(name: "CZip", path: "Sources/C/CZip"),
        .systemLibrary(name: "CExpat", path: "Sources/C/CExpat"),
        .systemLibrary(name: "CLinuxAIO", path: "Sources/C/CLinuxAIO"),

        // Leaves: each speaks one format and knows no salon, no topic, and no other leaf.
        .target(name: "JSON", swiftSettings: settings),
        .target(name: "Secrets", dependencies: ["COpenSSL"], swiftSettings: settings),
        .target(
            name: "WebSocket",
            dependencies: ["CZlib", "COpenSSL", nioCore, nioHTTP1, logging],
            swiftSettings: settings
        ),
        .target(
            name: "Redis",
            dependencies: ["CHiredis", nioCore, nioPosix, nioSSL, logging, lifecycle],
            swiftSettings: settings
        ),
        .target(name: "EventLoops", dependencies: ["CLinuxAIO", nioCore, nioPosix], swiftSettings: settings),
        .target(name: "Postgres", dependencies: ["CLibPQ", "EventLoops", logging, lifecycle], swiftSettings: settings),
        .target(name: "Curl", dependencies: ["CCurl", nioPosix, lifecycle], swiftSettings: settings),
        .target(name: "Spreadsheet", dependencies: ["CXLSXWriter", "CZip", "CExpat"], swiftSettings: settings),

        // messages <-> topics
        .target(
            name: "Hub",
            dependencies: ["JSON", "WebSocket", nioCore, nioHTTP1, deque, logging, metrics],
            swiftSettings: settings
        ),
        // commits <-> events
        .target(
            name: "Outbox",
            dependencies: ["Hub", "JSON", "Redis", "Postgres", nioCore, logging, lifecycle],
            swiftSettings: settings
        ),
        // updates <-> logins
        .target(
            name: "Telegram",
            dependencies: [
                "JSON", "Secrets", "Curl", "Redis", "Postgres", "CQREncode", "CPNG", nioCore, logging, lifecycle,
            ],
            swiftSettings: settings
        ),
        // sockets <-> who is where, and what they are about to book
        .target(
            name: "Desks",
            dependencies: ["JSON", "Redis", nioCore, logging, lifecycle],
            swiftSettings: settings
        ),
        // Protocol/ -> what a node serves of it
        .executableTarget(name: "ProtocolBundler", dependencies: [yams], swiftSettings: settings),
        .plugin(name: "BundleProtocol", capability: .buildTool(), dependencies: ["ProtocolBundler"]),
        // requests <-> commands
        .target(
            name: "REST",
            dependencies: [
                "JSON", "Secrets", "EventLoops", "Hub", "Outbox", "Postgres", "Redis", "Desks", "Telegram", "Spreadsheet",
                "CXCrypt", hummingbird, nioCore, nioPosix, logging, lifecycle,
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            resources: [.embedInCode("Migrations"), .embedInCode("Documents/Page")],
            swiftSettings: settings,
            plugins: ["BundleProtocol"]
        ),
        // configuration and wiring; nothing else
        .executableTarget(
            name: "adelante",
            dependencies: [
                "JSON", "Secrets", "WebSocket", "Hub", "Curl", "Redis", "EventLoops", "Postgres", "Outbox", "Desks", "Telegram",
                "REST", hummingbird, nioCore, nioPosix, nioHTTP1, nioSSL, logging, metrics, lifecycle,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOExtras", package: "swift-nio-extras"),
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),

        // a Telegram to try all this on
        .executableTarget(
            name: "TelegramSandbox",
            dependencies: [
                "JSON", "Curl", hummingbird, nioCore, logging, lifecycle,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            resources: [.embedInCode("Page")],
            swiftSettings: settings
        ),

        .target(
            name: "Support",
            dependencies: ["JSON", "WebSocket", yams, nioCore, nioPosix, nioHTTP1],
            path: "Tests/Support",
            swiftSettings: testSettings
        ),
        .testTarget(name: "JSONTests", dependencies: ["JSON"], swiftSettings: testSettings),
        .testTarget(name: "SecretsTests", dependencies: ["Secrets"], swiftSettings: testSettings),
        .testTarget(
            name: "WebSocketTests",
            dependencies: ["WebSocket", nioCore, nioEmbedded, nioHTTP1],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "RedisTests",
            dependencies: ["Redis", "Support", nioCore, nioPosix, nioEmbedded, nioSSL, logging, lifecycle],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "PostgresTests",
            dependencies: ["EventLoops", "Postgres", "Support", nioPosix, logging],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "EventLoopsTests",
            dependencies: ["EventLoops", "Support", nioCore, nioPosix],
            swiftSettings: testSettings
        ),
        .testTarget(name: "SpreadsheetTests", dependencies: ["Spreadsheet"], swiftSettings: testSettings),
        .testTarget(
            name: "CurlTests",
            dependencies: ["Curl", "Support", nioCore, nioPosix, nioSSL, lifecycle],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "TelegramTests",
            dependencies: [
                "Telegram", "Curl", "JSON", "Secrets", "Redis", "Postgres", "Support", nioCore, nioPosix, logging, lifecycle,
            ],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "DesksTests",
            dependencies: ["Desks", "JSON", "Redis", "Support", nioCore, nioPosix, logging, lifecycle],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "SandboxTests",
            dependencies: ["TelegramSandbox", "JSON"],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "HubTests",
            dependencies: ["Hub", "JSON", "WebSocket", nioCore, nioEmbedded, logging],
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "RESTTests",
            dependencies: [
                "REST", "JSON", "Secrets", "Hub", "Postgres", "Redis", "Spreadsheet", "Support", yams, nioCore, nioEmbedded,
                nioPosix, logging,
            ],
            swiftSettings: testSettings
        ),
        // What scripts/fuzz runs for hours, and the tests on what it found.
        .target(
            name: "FuzzTargets",
            dependencies: ["WebSocket", "Hub", "JSON", nioCore],
            path: "Tests/Fuzz/Targets",
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["FuzzTargets"],
            path: "Tests/Fuzz/Replay",
            swiftSettings: testSettings
        ),
        .testTarget(
            name: "EndToEnd",
            dependencies: [
                "adelante", "REST", "JSON", "Secrets", "Hub", "Outbox", "Postgres", "Redis", "WebSocket", "Support", yams,
                nioCore, nioPosix, nioHTTP1, nioEmbedded, .product(name: "HTTPTypes", package: "swift-http-types"), logging,
            ],
            swiftSettings: testSettings
        ),
    ]
)

// scripts/fuzz alone sets this. The fuzzers need libFuzzer's runtime and code that tells it which way it went; the flags for
// that are unsafe ones, which would keep any other package from depending on this one.
if Context.environment["ADELANTE_FUZZ"] == "1" {
    let instrumented: [SwiftSetting] = [
        .unsafeFlags(["-sanitize=fuzzer", "-enable-testing"]), .define("ADELANTE_FUZZ"),
    ]
    for target in package.targets where ["JSON", "WebSocket", "Hub", "FuzzTargets"].contains(target.name) {
        target.swiftSettings? += instrumented
    }
    package.targets.append(.target(name: "FuzzDriver", path: "Tests/Fuzz/Driver", swiftSettings: testSettings))
    for name in ["SessionFuzzer", "InflateFuzzer", "CommandsFuzzer"] {
        package.targets.append(
            .executableTarget(
                name: name,
                dependencies: ["FuzzDriver", "FuzzTargets"],
                path: "Tests/Fuzz/\(name)",
                swiftSettings: testSettings,
                linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]
            )
        )
    }
}
