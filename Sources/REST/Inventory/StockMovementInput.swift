import JSON
import Postgres

/// The body of `POST /inventory/stock-movement`.
struct StockMovementInput: Sendable {
    let productID: Int64
    let movement: StockMovement

    /// - Throws: 422 naming every bad field
    init(_ object: JSONObject) throws(APIError) {
        var body = BodyReader(object)
        // The window sends a text, the store a number.
        let productID = body.integer("productId", in: 1...Int64.max)
        let type = body.word("type", of: Movement.allCases.map(\.rawValue)).value.flatMap { Movement(rawValue: $0) }
        // Nothing can be counted, but not moved.
        let quantity = body.quantity("quantity", isPositive: type != .adjustment)
        let reason = body.optionalText("reason", maximum: 500)
        let documentNumber = body.optionalText("documentNumber", maximum: 100)
        if productID.value == nil { body.require("productId") }
        if type == nil { body.require("type") }
        if quantity.value == nil { body.require("quantity") }
        try body.finish()
        guard let id = productID.value, let type, let amount = quantity.value else { throw APIError(.validation) }
        self.productID = id
        self.movement = StockMovement(
            type: type,
            quantity: amount,
            reason: reason.value,
            documentNumber: documentNumber.value
        )
    }
}
