import JSON

/// Holds what a server says on sockets and streams to asyncapi.yaml, for each frame that a client of the tests gets.
enum FrameChecker {
    private static let schemas = Result {
        let files = try ProtocolFiles.shared.get()
        var schemas: [String: [String]] = ["closed": ["schemas/realtime.yaml#/$defs/StreamClosed"]]
        for (_, message) in try files["asyncapi.yaml"]["components"]?["messages"]?.object ?? [:] {
            guard let name = message["name"]?.string, let payload = message["payload"]?["$ref"]?.string else {
                throw ProtocolFiles.BrokenReference(description: "a message without a name or a payload: \(message.text)")
            }
            schemas[name, default: []].append(payload)
        }
        return (schemas: schemas, checker: SchemaChecker(files: files))
    }

    /// What is wrong with a frame; nil if nothing is, or if it is one that a test itself wrote into the log, and says so.
    static func problem(_ frame: JSONValue) -> String? {
        if frame["data"]?["madeUp"] == true { return nil }
        do {
            let (schemas, checker) = try self.schemas.get()
            guard let described = schemas[frame["type"]?.string ?? ""] else {
                return "no message of asyncapi.yaml: \(frame.text)"
            }
            let errors = try described.map { try checker.errors(in: frame, against: $0) }
            return errors.contains { $0.isEmpty } ? nil : "not as asyncapi.yaml says (\(errors.joined())): \(frame.text)"
        } catch {
            return "\(error)"
        }
    }
}
