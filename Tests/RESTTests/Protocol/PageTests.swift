import Foundation
import JSON
import Support
import Testing

@Suite("README.md and the pages of Protocol/")
struct PageTests {
    private static func text(_ name: String) throws -> String {
        try String(contentsOf: Shell.repository.appendingPathComponent(name).resolvingSymlinksInPath(), encoding: .utf8)
    }

    @Test("README's tables list the settings of .env.example, each once, with its default")
    func settings() throws {
        let example = try Self.text(".env.example").split(separator: "\n").compactMap { line in
            line.wholeMatch(of: /# ([A-Z][A-Z0-9_]*)=(.*)/).map { "\($0.1)=\($0.2)" }
        }
        let section = try #require(try Self.text("README.md").split(separator: "## Configuration").last)
        let listed = section.split(separator: "\n").compactMap { line in
            line.wholeMatch(of: /\| `([A-Z][A-Z0-9_]*)` \| (?:`(.*)`|required|–) \| .+ \|/).map { "\($0.1)=\($0.2 ?? "")" }
        }
        #expect(listed.sorted() == example.sorted())
        #expect(listed.count > 40)
    }

    @Test(
        "links lead to files, and to headings of theirs",
        arguments: ["README.md", "Protocol/realtime.md", "Protocol/VERSIONING.md", "Protocol/decisions.md"]
    )
    func links(_ page: String) throws {
        let folder = Shell.repository.appendingPathComponent(page).deletingLastPathComponent()
        for match in try Self.text(page).matches(of: /\]\(([^)#]*)(?:#([^)]*))?\)/) where !match.1.hasPrefix("http") {
            // Written by the browser tests.
            if match.1.hasPrefix("examples/screenshots/") { continue }
            let named =
                match.1.isEmpty ? Shell.repository.appendingPathComponent(page) : folder.appendingPathComponent(String(match.1))
            let file = named.resolvingSymlinksInPath()
            #expect(FileManager.default.fileExists(atPath: file.path), "\(match.1)")
            guard let anchor = match.2 else { continue }
            let anchors = try String(contentsOf: file, encoding: .utf8).matches(of: /(?m)^#+ +(.+)$/).map { Self.anchor($0.1) }
            #expect(anchors.contains(String(anchor)), "\(match.0)")
        }
    }

    /// What a heading is linked to by, as GitHub makes it.
    private static func anchor(_ heading: Substring) -> String {
        String(heading.lowercased().replacing(" ", with: "-").filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
    }

    @Test("the page for client writers names every command, reply, event and close code")
    func completeness() throws {
        let page = try Self.text("Protocol/realtime.md")
        let files = try ProtocolFiles.shared.get()
        for list in ["socket", "close"] {
            for (code, entry) in try files["errors.yaml"][list]?.object ?? [:] where entry["reserved"] == nil {
                #expect(page.contains(code), "\(code)")
            }
        }
        let messages = try files["asyncapi.yaml"]["components"]?["messages"]?.object ?? [:]
        for name in messages.values.compactMap({ $0["name"]?.string }) { #expect(page.contains(name), "\(name)") }
        #expect(messages.count > 10)
    }
}
