import Postgres

extension Reports {
    static let product = Reports(
        word: "product",
        topic: "inventory",
        events: [
            .created: "inventory:product-created", .updated: "inventory:product-updated", .deleted: "inventory:product-deleted",
        ]
    )
}

extension Entity {
    static let product = Entity(
        reports: .product,
        table: "products",
        source: "products p",
        alias: "p",
        projection: SQL.object(
            """
            'id', p.id, 'name', p.name, 'sku', p.sku, 'category', p.category, 'type', p.type,
            'quantity', trim_scale(p.quantity), 'minQuantity', trim_scale(p.min_quantity), 'price', trim_scale(p.price),
            'costPrice', trim_scale(p.cost_price), 'unit', p.unit, 'packageVolume', trim_scale(p.package_volume),
            'description', p.description, 'isActive', p.is_active, 'lastRestockDate', p.last_restock_date,
            'createdAt', iso8601(p.created_at), 'updatedAt', iso8601(p.updated_at)
            """
        ),
        naming: ["name"]
    )
}
