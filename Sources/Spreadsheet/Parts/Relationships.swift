/// A `.rels` file: what a part refers to.
final class Relationships: PartReader {
    /// What is referred to, and as what.
    struct Target {
        let id: String
        /// The last word of its type: `worksheet`.
        let kind: String
        let path: String
    }

    /// The folder that its paths start from: `xl`.
    private let folder: String
    private(set) var targets: [Target] = []

    /// - Parameter part: whose relationships these are; empty for the package's own
    init(of part: String) {
        self.folder = part.split(separator: "/").dropLast().joined(separator: "/")
    }

    /// Where a part's relationships stand.
    static func path(of part: String) -> String {
        var parts = part.split(separator: "/").map(String.init)
        let name = parts.popLast() ?? ""
        return (parts + ["_rels", name + ".rels"]).joined(separator: "/")
    }

    func start(_ name: String, _ attributes: XMLAttributes) throws(SpreadsheetError) {
        guard name == "Relationship", attributes["TargetMode"] != "External", let id = attributes["Id"],
            let type = attributes["Type"], let target = attributes["Target"]
        else { return }
        guard self.targets.count < 10_000 else { throw SpreadsheetError(.hostile, "it has too many parts") }
        let kind = type.split(separator: "/").last.map(String.init) ?? ""
        self.targets.append(Target(id: id, kind: kind, path: try self.resolve(target)))
    }

    func first(_ kind: String) -> String? { self.targets.first { $0.kind == kind }?.path }

    func path(id: String) -> String? { self.targets.first { $0.id == id && $0.kind == "worksheet" }?.path }

    private func resolve(_ target: String) throws(SpreadsheetError) -> String {
        var parts = target.hasPrefix("/") ? [] : self.folder.split(separator: "/").map(String.init)
        for part in target.split(separator: "/") where part != "." {
            if part != ".." {
                parts.append(String(part))
            } else if parts.popLast() == nil {
                throw SpreadsheetError(.paths, "a path inside leads out")
            }
        }
        return parts.joined(separator: "/")
    }
}
