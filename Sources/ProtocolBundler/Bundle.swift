import Yams

/// A document with every schema that it leads to, under `components/schemas`.
struct Bundle {
    let files: [String: Node]
    /// By file and name.
    private var names: [Schema: String] = [:]
    private var schemas: [String: Node] = [:]

    private struct Schema: Hashable {
        var file: String
        var name: String
    }

    init(files: [String: Node]) {
        self.files = files
    }

    /// - Parameters:
    ///   - file: the document
    ///   - errors: which lists of errors.yaml it gets, as `x-errors`
    mutating func document(_ file: String, errors: [String]) throws -> Node {
        guard let node = self.files[file], let lists = self.files["errors.yaml"] else { throw BundlingError("no \(file)") }
        var document = try self.bundled(node, in: file)
        guard case .mapping(var components)? = document["components"] else { throw BundlingError("\(file) has no components") }
        let sorted = self.schemas.sorted { $0.key < $1.key }
        components["schemas"] = .mapping(Node.Mapping(sorted.map { (Node($0.key), $0.value) }))
        document["components"] = .mapping(components)
        var codes: [(Node, Node)] = []
        for list in errors {
            guard let mapping = lists[list] else { throw BundlingError("errors.yaml has no \(list)") }
            codes.append((Node(list), mapping))
        }
        document["x-errors"] = .mapping(Node.Mapping(codes))
        return document
    }

    /// The same with references that lead into the document itself.
    private mutating func bundled(_ node: Node, in file: String) throws -> Node {
        switch node {
        case .mapping(let mapping):
            var members: [(Node, Node)] = []
            for (key, value) in mapping {
                if key == "$ref", let reference = value.string {
                    members.append((key, Node(try self.reference(reference, in: file))))
                } else if key != "$schema" || !file.hasPrefix("schemas/") {
                    members.append((key, try self.bundled(value, in: file)))
                }
            }
            return .mapping(Node.Mapping(members, mapping.tag, mapping.style))
        case .sequence(let sequence):
            var elements: [Node] = []
            for element in sequence { elements.append(try self.bundled(element, in: file)) }
            return .sequence(Node.Sequence(elements, sequence.tag, sequence.style))
        case .scalar, .alias:
            return node
        }
    }

    private mutating func reference(_ reference: String, in file: String) throws -> String {
        let parts = reference.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw BundlingError("\(file): \(reference) names no part of a file") }
        if parts[0].isEmpty, !file.hasPrefix("schemas/") { return reference }
        let folder = file.hasPrefix("schemas/") ? "schemas/" : ""
        let target = parts[0].isEmpty ? file : folder + parts[0]
        let pointer = parts[1].split(separator: "/")
        guard pointer.count == 2, pointer[0] == "$defs", let schema = self.files[target]?["$defs"]?[String(pointer[1])] else {
            throw BundlingError("\(file): \(reference) leads to no schema")
        }
        return "#/components/schemas/\(try self.name(of: Schema(file: target, name: String(pointer[1])), schema))"
    }

    /// Its own, or that behind its file's if another file has one of the same name and it is not the one that the file is about.
    private mutating func name(of schema: Schema, _ content: Node) throws -> String {
        if let name = self.names[schema] { return name }
        let file = schema.file.dropFirst("schemas/".count).dropLast(".yaml".count)
        let prefix = file.prefix(1).uppercased() + file.dropFirst()
        let others = self.files.keys.filter { $0 != schema.file && self.files[$0]?["$defs"]?[schema.name] != nil }
        let name = others.isEmpty || prefix == schema.name ? schema.name : "\(prefix).\(schema.name)"
        self.names[schema] = name
        self.schemas[name] = try self.bundled(content, in: schema.file)
        return name
    }
}
