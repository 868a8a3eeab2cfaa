import Foundation
import Yams

/// `ProtocolBundler FOLDER OUTPUT`: reads `Protocol/` and writes a Swift file with each document as one self-contained text,
/// in JSON and in YAML. Runs in every build.
@main
struct ProtocolBundler {
    static func main() {
        do {
            try self.bundle()
        } catch {
            FileHandle.standardError.write(Data("error: Protocol/: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func bundle() throws {
        guard CommandLine.arguments.count == 3 else { throw BundlingError("usage: ProtocolBundler FOLDER OUTPUT") }
        let folder = URL(fileURLWithPath: CommandLine.arguments[1])
        var files: [String: Node] = [:]
        for part in ["", "schemas/"] {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.appendingPathComponent(part).path)
            for name in names where name.hasSuffix(".yaml") {
                let text = try String(contentsOf: folder.appendingPathComponent(part + name), encoding: .utf8)
                guard let node = try Yams.compose(yaml: text) else { throw BundlingError("\(part)\(name) is empty") }
                files[part + name] = node
            }
        }
        var source = "// Made of Protocol/ by ProtocolBundler. Not to be edited.\n\nenum BundledDocuments {\n"
        for (name, lists) in [("openapi", ["rest"]), ("asyncapi", ["socket", "close", "standardClose"])] {
            var bundle = Bundle(files: files)
            let document = try bundle.document("\(name).yaml", errors: lists)
            let yaml = try Yams.serialize(node: document, width: -1, allowUnicode: true)
            source += "    static let \(name)JSON = \(self.literal(try document.json))\n"
            source += "    static let \(name)YAML = \(self.literal(yaml))\n"
        }
        try (source + "}\n").write(toFile: CommandLine.arguments[2], atomically: true, encoding: .utf8)
    }

    /// A Swift literal in which nothing has a meaning of its own.
    private static func literal(_ text: String) -> String {
        var fence = "#"
        while text.contains("\"\"\"\(fence)") || text.contains("\\\(fence)") { fence += "#" }
        return "\(fence)\"\"\"\n\(text)\n\"\"\"\(fence)"
    }
}

/// What is wrong with the documents.
struct BundlingError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
