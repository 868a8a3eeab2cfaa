import Foundation
import JSON

/// The sandbox as a process of its own: Telegram, as far as a bot can tell, and the telephones of its people.
public final class TelegramPhones: Sendable {
    /// The bot's token.
    public static let token = "7000000001:sandbox-token-of-the-tests"
    /// The bot's name.
    public static let botName = "adelante_test_bot"

    /// Where the Bot API is.
    public let url: String
    private let http: HTTPClient
    private let process: ChildProcess

    private init(port: Int, process: ChildProcess) {
        self.url = "http://127.0.0.1:\(port)"
        self.http = HTTPClient(port: port)
        self.process = process
    }

    /// Starts it and waits until it listens.
    public static func start() async throws -> TelegramPhones {
        let program = URL(fileURLWithPath: Node.binary).deletingLastPathComponent().appendingPathComponent("TelegramSandbox").path
        let process = try ChildProcess(
            program,
            ["--port", "0", "--token", self.token, "--bot-username", self.botName],
            environment: [:]
        )
        let port = try await poll(for: .seconds(60), "the sandbox listens", log: { process.log }) {
            if let exit = process.exit { throw Unexpected("the sandbox ended with \(exit): \(process.log)") }
            return process.log.firstMatch(of: /ready: http:\/\/127\.0\.0\.1:(\d+)\//).flatMap { Int($0.1) }
        }
        return TelegramPhones(port: port, process: process)
    }

    /// What a node has to be told to use it.
    public var settings: [String: String] {
        [
            "TELEGRAM_BOT_TOKEN": Self.token, "TELEGRAM_BOT_USERNAME": Self.botName, "TELEGRAM_REGISTRATION": "open",
            "TELEGRAM_API_BASE": self.url,
        ]
    }

    /// Somebody new.
    public func person(
        _ firstName: String,
        _ lastName: String? = nil,
        username: String? = nil,
        language: String = "uk"
    ) async throws -> Phone {
        let person = try await self.act(
            "people",
            [
                "first_name": .string(firstName), "last_name": JSONValue(lastName), "username": JSONValue(username),
                "language_code": .string(language),
            ]
        )
        guard let id = person["id"]?.int else { throw Unexpected("a person without a number: \(person)") }
        return Phone(phones: self, id: id)
    }

    /// Does something.
    @discardableResult
    public func act(_ action: String, _ body: JSONObject) async throws -> JSONValue {
        try await self.http.request("POST", "/sandbox/\(action)", json: .object(body)).expect(200).json
    }

    /// The bot's calls of a method, waited for.
    public func calls(_ method: String) async throws -> [JSONValue] {
        let answer = try await self.http.request("GET", "/sandbox/calls?method=\(method)&timeout=20").expect(200)
        return answer["calls"].array ?? []
    }

    fileprivate func messages(of chat: Int64) async throws -> [JSONValue] {
        try await self.http.request("GET", "/sandbox/messages?chat=\(chat)").expect(200)["messages"].array ?? []
    }
}

/// One person's telephone.
public struct Phone: Sendable {
    /// A group that the bot is in.
    public static let group: Int64 = -1_009_000_000_001

    let phones: TelegramPhones
    /// Telegram's number of the person.
    public let id: Int64

    /// Opens a link and presses Start.
    public func open(_ link: String?) async throws {
        try await self.phones.act("open", ["person": JSONValue(self.id), "link": .string(link ?? "none")])
    }

    /// Writes to the bot.
    public func write(_ text: String, _ more: JSONObject = [:]) async throws {
        let message: JSONObject = ["person": JSONValue(self.id), "text": .string(text)]
        try await self.phones.act("write", message.merging(more))
    }

    /// What the chat shows, oldest first.
    public func messages() async throws -> [JSONValue] { try await self.phones.messages(of: self.id) }

    /// The newest message of the bot, as soon as it says this.
    @discardableResult
    public func waitFor(_ text: String, file: String = #fileID, line: Int = #line) async throws -> JSONValue {
        try await poll("the chat says: \(text)", file: file, line: line) {
            let last = try await self.messages().last
            return last?["text"]?.string?.contains(text) == true ? last : nil
        }
    }

    /// Taps a button of the newest message that has any, and waits for the bot's answer to the tap.
    ///
    /// - Returns: the answer's text, if it has one
    @discardableResult
    public func tap(_ button: Int) async throws -> String? {
        let tap = try await self.phones.act(
            "tap",
            ["person": JSONValue(self.id), "button": JSONValue(button), "timeout": 20]
        )
        guard tap["answered"] == true else { throw Unexpected("a tap was not answered: \(tap)") }
        return tap["text"]?.string
    }

    /// Sends whatever data from this telephone, as if a button had it.
    @discardableResult
    public func forge(_ data: String, chat: Int64? = nil, message: Int64 = 1) async throws -> String? {
        var body: JSONObject = [
            "person": JSONValue(self.id), "message": JSONValue(message), "data": .string(data), "timeout": 20,
        ]
        body["chat"] = chat.map { JSONValue($0) }
        let tap = try await self.phones.act("forge", body)
        guard tap["answered"] == true else { throw Unexpected("a tap was not answered: \(tap)") }
        return tap["text"]?.string
    }
}
