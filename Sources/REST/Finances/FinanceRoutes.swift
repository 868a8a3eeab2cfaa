import HTTPTypes
import JSON

extension RouteTable {
    /// Money: operations, documents, registers, ways to pay, and what it all comes to.
    mutating func addFinances() {
        self.add(.get, "/finances/dashboard", .permission(.finances, .view)) { call in
            try await call.kept(FinanceDashboard(call.query).statement(salonID: call.user.salonID))
        }
        self.add(.get, "/finances/receipts", .permission(.finances, .view)) { try await Resource.receipt.list($0) }
        self.add(.post, "/finances/receipts", .permission(.finances, .create), honoursIdempotencyKey: true, writesOnce: true) {
            call in
            try await Resource.receipt.create(call, try call.object().merging(["type": "receipt"]))
        }
        self.add(.get, "/finances/export", .permission(.finances, .export), onlyReads: false) {
            try await OperationSheet.export($0)
        }
        self.add(Resource.operation)
        self.add(Resource.document)
        self.add(Resource.paymentMethod)
        self.add(Resource.cashRegister)
    }
}
