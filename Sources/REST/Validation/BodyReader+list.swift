import JSON

extension BodyReader {
    /// A list of objects, each read by its own fields.
    ///
    /// - Parameters:
    ///   - shape: what each of them is, for whoever sent another
    ///   - element: reads one of them; nil, and anything wrong with its fields, refuses the list
    mutating func list<Element>(
        _ field: String,
        maximumCount: Int,
        shape: String,
        _ element: (inout BodyReader) -> Element?
    ) -> Patch<[Element]> {
        switch self.raw(field) {
        case nil: return .keep
        case .null: return .clear
        case .array(let values) where values.count <= maximumCount:
            var elements: [Element] = []
            for (index, value) in values.enumerated() {
                guard let element = value.object.flatMap({ Self.element(of: $0, element) }) else {
                    self.reject(
                        field,
                        "each must be \(shape); number \(index + 1) is not",
                        "кожен елемент має бути \(shape); номер \(index + 1) не такий"
                    )
                    return .keep
                }
                elements.append(element)
            }
            return .set(elements)
        default:
            self.reject(
                field,
                "must be a list of at most \(maximumCount) items",
                "має бути списком щонайбільше з \(maximumCount) елементів"
            )
            return .keep
        }
    }

    private static func element<Element>(of object: JSONObject, _ read: (inout BodyReader) -> Element?) -> Element? {
        var body = BodyReader(object)
        let element = read(&body)
        return body.errors.isEmpty ? element : nil
    }
}
