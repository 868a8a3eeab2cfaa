import JSON
import Support
import Testing
import Yams

@Suite("The descriptions, as a node serves them")
struct DocumentPageTests {
    @Test(
        "each description is one document that needs no other, the same as JSON and as YAML",
        arguments: ["openapi", "asyncapi"]
    )
    func documents(name: String) async throws {
        let node = try await Deployment.standard.value.a
        let json = try await node.http.request("GET", "/\(name).json").expect(200)
        let yaml = try await node.http.request("GET", "/\(name).yaml").expect(200)
        let document = try json.json
        #expect(document[name]?.string?.first == "3")
        #expect(document["info"]?["title"] != nil)
        // Whatever it refers to is in it.
        #expect(!json.text.contains(".yaml#"))
        let read = try #require(try Yams.load(yaml: yaml.text) as? [String: Any])
        #expect(Set(read.keys) == Set((document.object ?? [:]).map(\.0)))
    }

    @Test(
        "who has a document already is told so",
        arguments: ["/openapi.json", "/openapi.yaml", "/asyncapi.json", "/asyncapi.yaml", "/docs", "/docs/realtime"]
    )
    func unchanged(path: String) async throws {
        let node = try await Deployment.standard.value.a
        let first = try await node.http.request("GET", path).expect(200)
        let tag = try #require(first.header("etag"))
        let again = try await node.http.request("GET", path, headers: [("If-None-Match", tag)])
        #expect(again.status == 304 && again.body.isEmpty)
        try await node.http.request("GET", path, headers: [("If-None-Match", "\"another\"")]).expect(200)
    }

    @Test("the pages come from the node alone", arguments: ["/docs", "/docs/realtime"])
    func pages(path: String) async throws {
        let node = try await Deployment.standard.value.a
        let page = try await node.http.request("GET", path).expect(200)
        #expect(page.header("content-type")?.hasPrefix("text/html") == true)
        #expect(page.header("content-security-policy") != nil)
        let links = page.text.matches(of: /(?:src|href)="([^"]+)"/).map { String($0.1) }.filter {
            !$0.hasPrefix("#") && $0 != "data:,"
        }
        #expect(!links.isEmpty && links.allSatisfy { !$0.contains("://") })
        for link in links { try await node.http.request("GET", link).expect(200) }
    }
}
