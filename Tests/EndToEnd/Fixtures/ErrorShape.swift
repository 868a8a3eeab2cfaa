import JSON
import Support
import Testing

extension HTTPAnswer {
    /// It is an error in the contract's shape: `error`, `code`, the same text as `message` and `detail`, perhaps `fields`.
    ///
    /// - Parameters:
    ///   - status: the status
    ///   - code: the machine-readable code
    ///   - fields: the names that `fields` has to have, no more and no fewer
    func expectError(
        _ status: Int,
        _ code: String,
        fields: Set<String> = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(self.status == status, "\(self.text)", sourceLocation: sourceLocation)
        #expect(self["code"] == .string(code), "\(self.text)", sourceLocation: sourceLocation)
        #expect(self["error"].string?.isEmpty == false, sourceLocation: sourceLocation)
        #expect(self["message"].string?.isEmpty == false, sourceLocation: sourceLocation)
        #expect(self["detail"] == self["message"], sourceLocation: sourceLocation)
        #expect(self.header("content-type") == "application/json", sourceLocation: sourceLocation)
        #expect(self.header("x-request-id")?.isEmpty == false, sourceLocation: sourceLocation)
        #expect(Set(self["fields"].object?.keys ?? []) == fields, "\(self.text)", sourceLocation: sourceLocation)
        #expect(self["fields"].object?.allSatisfy { $0.value.string?.isEmpty == false } ?? true, sourceLocation: sourceLocation)
    }
}
