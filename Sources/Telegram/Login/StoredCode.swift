import JSON

/// What a code stands for.
public enum CodeContent: Sendable, Equatable {
    /// A login.
    case login(Login)
    /// The linking of an account.
    case link(LinkRequest)

    /// Whether nothing follows.
    var isFinal: Bool {
        switch self {
        case .login(let login): login.status.isFinal
        case .link(let link): link.status.isFinal
        }
    }
}

/// A code as Redis has it.
struct StoredCode: Sendable, Equatable {
    /// Counts the steps: of two that were read, the higher one is newer.
    var version: Int64
    var content: CodeContent
    /// The value, byte for byte, for comparing.
    var text: String
    /// Until it is gone, in milliseconds.
    var remaining: Int64

    init(version: Int64, content: CodeContent, remaining: Int64) {
        self.version = version
        self.content = content
        self.remaining = remaining
        self.text = JSONValue.object(content.json.merging(["version": JSONValue(version)])).text
    }

    /// - Returns: nil for what cannot be read: of another version of the server, say
    init?(text: String, remaining: Int64) {
        guard remaining > 0, let json = try? JSONValue(parsing: text), let version = json["version"]?.int,
            let content = CodeContent(json)
        else { return nil }
        self.version = version
        self.content = content
        self.text = text
        self.remaining = remaining
    }
}

extension CodeContent {
    fileprivate var json: JSONObject {
        switch self {
        case .login(let login): login.json
        case .link(let link): link.json
        }
    }

    fileprivate init?(_ json: JSONValue) {
        switch json["kind"]?.string {
        case "login":
            guard let login = Login(json) else { return nil }
            self = .login(login)
        case "link":
            guard let link = LinkRequest(json) else { return nil }
            self = .link(link)
        default:
            return nil
        }
    }
}

extension Login {
    fileprivate var json: JSONObject {
        var json: JSONObject = [
            "kind": "login", "status": .string(self.status.rawValue), "stage": .string(self.stage.rawValue),
            "createdAt": JSONValue(self.createdAt), "salonId": JSONValue(self.salonID),
            "device": .string(self.origin.device), "address": .string(self.origin.address), "time": .string(self.origin.time),
            "owner": JSONValue(self.owner), "userId": JSONValue(self.userID), "reason": JSONValue(self.reason?.rawValue),
        ]
        if self.isTaken { json["taken"] = true }
        if let match {
            json["number"] = JSONValue(match.right)
            json["choices"] = .array(match.choices.map { JSONValue($0) })
        }
        return json
    }

    fileprivate init?(_ json: JSONValue) {
        guard let status = json["status"]?.string.flatMap(LoginStatus.init), let createdAt = json["createdAt"]?.int,
            let stage = json["stage"]?.string.flatMap(Stage.init)
        else { return nil }
        let origin = LoginOrigin(
            device: json["device"]?.string ?? "",
            address: json["address"]?.string ?? "",
            time: json["time"]?.string ?? ""
        )
        let choices = (json["choices"]?.array ?? []).compactMap(\.int).map { Int($0) }
        let match = json["number"]?.int.map { NumberMatch(right: Int($0), choices: choices) }
        self.init(createdAt: createdAt, salonID: json["salonId"]?.int, origin: origin, match: match)
        self.status = status
        self.stage = stage
        self.owner = json["owner"]?.int
        self.userID = json["userId"]?.int
        self.reason = json["reason"]?.string.flatMap(CancelReason.init)
        self.isTaken = json["taken"] == true
    }
}

extension LinkRequest {
    fileprivate var json: JSONObject {
        [
            "kind": "link", "status": .string(self.status.rawValue), "createdAt": JSONValue(self.createdAt),
            "userId": JSONValue(self.userID), "owner": JSONValue(self.owner), "refusal": JSONValue(self.refusal?.rawValue),
            "name": JSONValue(self.linked?.name), "username": JSONValue(self.linked?.username),
        ]
    }

    fileprivate init?(_ json: JSONValue) {
        guard let status = json["status"]?.string.flatMap(LinkStatus.init), let createdAt = json["createdAt"]?.int,
            let userID = json["userId"]?.int
        else { return nil }
        self.init(createdAt: createdAt, userID: userID)
        self.status = status
        self.owner = json["owner"]?.int
        self.linked = json["name"]?.string.map { LinkedTelegram(name: $0, username: json["username"]?.string) }
        self.refusal = json["refusal"]?.string.flatMap(LinkRefusal.init)
    }
}
