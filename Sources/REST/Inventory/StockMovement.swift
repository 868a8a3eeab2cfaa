import Postgres

/// What a movement does to the stock.
enum Movement: String, CaseIterable, Sendable {
    /// Goods come.
    case incoming = "in"
    /// Goods go.
    case outgoing = "out"
    /// Somebody has counted: the quantity is what there is.
    case adjustment
}

/// A movement of a product's stock, as it is asked for.
struct StockMovement: Sendable {
    var type: Movement
    /// Of an adjustment what there is, else how much comes or goes.
    var quantity: PostgresNumeric
    var reason: String?
    var documentNumber: String?
    /// The document that moves it.
    var documentID: Int64?
    /// Whether what comes has been bought.
    var isDelivery = true

    static let event = "inventory:movement-created"

    /// A row of `stock_movements` as everybody gets it.
    static let projection = SQL.object(
        """
        'id', m.id, 'productId', m.product_id, 'type', m.type, 'quantity', trim_scale(m.quantity),
        'change', trim_scale(m.change), 'balance', trim_scale(m.balance), 'reason', m.reason,
        'documentNumber', m.document_number, 'documentId', m.document_id, 'author', m.author, 'createdBy', m.created_by,
        'createdAt', iso8601(m.created_at)
        """
    )
}
