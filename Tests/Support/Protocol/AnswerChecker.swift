import Foundation
import JSON
import Synchronization

/// Holds the answers of a node to openapi.yaml, for each request of the tests: its status has to be described there, and its
/// body fit. Notes in `.local/log/answers/tests.txt` which statuses were met.
enum AnswerChecker {
    private struct Operation: Sendable {
        var path: [Substring]
        var label: String
        var responses: JSONValue
    }

    private static let document = Result {
        let files = try ProtocolFiles.shared.get()
        var operations: [String: [Operation]] = [:]
        for (path, item) in try files["openapi.yaml"]["paths"]?.object ?? [:] {
            for (method, operation) in item.object ?? [:] {
                guard let responses = operation["responses"] else { continue }
                let label = "\(method.uppercased()) \(path)"
                operations[method.uppercased(), default: []].append(
                    Operation(path: path.split(separator: "/"), label: label, responses: responses)
                )
            }
        }
        return (operations: operations, files: files, checker: SchemaChecker(files: files))
    }

    private static let met = Mutex<Set<String>>([])
    private static let file = Shell.repository.appendingPathComponent(".local/log/answers/tests.txt")

    /// What is wrong with an answer; nil if nothing is, or if the request is for nothing that is described.
    static func problem(_ method: String, _ target: String, _ answer: HTTPAnswer) -> String? {
        do {
            let (operations, files, checker) = try self.document.get()
            let parts = target.prefix { $0 != "?" }.split(separator: "/")
            let fitting = (operations[method] ?? []).filter { operation in
                operation.path.count == parts.count && zip(operation.path, parts).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
            }
            // The router takes the one that spells out most.
            func parameters(_ operation: Operation) -> [Bool] { operation.path.map { $0.hasPrefix("{") } }
            guard let operation = fitting.min(by: { parameters($0).lexicographicallyPrecedes(parameters($1)) { !$0 && $1 } })
            else { return nil }
            // Another path that this one's parameter would match has not got the method.
            guard answer.status != 405 else { return nil }
            let place = "\(operation.label) \(answer.status)"
            guard var response = operation.responses["\(answer.status)"] else {
                return "\(place) is not in openapi.yaml: \(answer.text)"
            }
            self.note(place)
            if let reference = response["$ref"]?.string { response = try files.resolve(reference, in: "openapi.yaml") }
            guard let content = response["content"]?.object else {
                return answer.body.isEmpty ? nil : "\(place) has a body: \(answer.text)"
            }
            let type = answer.header("content-type")?.prefix { $0 != ";" } ?? ""
            guard let schema = content[String(type)]?["schema"] else { return "\(place) is of another type: \(type)" }
            guard type == "application/json" else { return nil }
            let errors = try checker.errors(in: try answer.json, as: schema, of: "openapi.yaml")
            return errors.isEmpty ? nil : "\(place) is not as openapi.yaml says (\(errors)): \(answer.text)"
        } catch {
            return "\(method) \(target): \(error)"
        }
    }

    private static func note(_ place: String) {
        guard self.met.withLock({ $0.insert(place).inserted }) else { return }
        try? FileManager.default.createDirectory(at: self.file.deletingLastPathComponent(), withIntermediateDirectories: true)
        self.met.withLock { met in
            try? (met.sorted().joined(separator: "\n") + "\n").write(to: self.file, atomically: true, encoding: .utf8)
        }
    }
}
