import JSON

/// The role matrix as everybody can read it: route, who may, what is sent. A new route is one line in its module's list.
extension WalkRow {
    static let all: [WalkRow] =
        auth + users + telegram + calendar + notifications + staff + services + clients + finances + inventory + overview
        + reports + settings

    private static let auth: [WalkRow] = [
        .open("POST", "/auth/login", status: 422, [:]),
        .open("POST", "/auth/refresh", status: 422, [:]),
        .open("POST", "/auth/register", status: 403, [:]),
        .open("POST", "/auth/setup", status: 422, [:]),
        .open("POST", "/auth/forgot-password", status: 422, [:]),
        .open("POST", "/auth/reset-password", status: 422, [:]),
        .post("/auth/logout", everyone, status: 204),
        .get("/auth/me", everyone),
    ]

    private static let users: [WalkRow] = [
        .get("/users", admin),
        .post(
            "/users",
            admin,
            ["email": "{unique}@walk.test", "password": "walking along", "first_name": "Ганна", "role": "master"]
        ),
        .patch("/users/{user}", admin, ["is_active": false]),
    ]

    // Without a bot, as the nodes of most tests are.
    private static let telegram: [WalkRow] = [
        .open("POST", "/auth/telegram/init", status: 503, [:]),
        .open("GET", "/auth/telegram/status/{unique}", status: 503),
        .post("/auth/telegram/link", everyone, status: 503),
        .delete("/auth/telegram/link", everyone),
        .open("POST", "/telegram/webhook", status: 503, [:]),
    ]

    private static let calendar: [WalkRow] = [
        .get("/appointments", everyone),
        .get("/appointments/calendar", everyone),
        .get("/appointments/{visit}", everyone),
        .post(
            "/appointments",
            desk,
            [
                "clientId": "{client}", "staffId": "{staff}", "serviceId": "{service}", "date": "2026-05-18",
                "startTime": "09:00", "endTime": "10:00",
            ]
        ),
        .put("/appointments/{visit}", desk, ["notes": "walked"]),
        .patch("/appointments/{visit}/status", desk, ["status": "confirmed"]),
        .delete("/appointments/{visit}", desk),
        .post("/appointments/{deletedVisit}/restore", desk, status: 200),
    ]

    // Everybody's own.
    private static let notifications: [WalkRow] = [
        .get("/notifications", everyone),
        .patch("/notifications/read-all", everyone),
        .patch("/notifications/{notification}/read", everyone),
        .delete("/notifications/{notification}", everyone),
        // Each topic asks for a permission of its own; without a topic nothing is opened.
        .get("/events", everyone, status: 422),
    ]

    private static let staff: [WalkRow] = [
        .get("/staff", desk),
        .get("/staff/{staff}", desk),
        .post("/staff", admin, ["firstName": "Ганна"]),
        .put("/staff/{staff}", admin, ["middleName": "Іванівна"]),
        .delete("/staff/{staff}", admin),
        .get("/staff/{staff}/schedule", desk),
        .post("/staff/{staff}/schedule", admin, ["exceptions": []], status: 200),
    ]

    private static let services: [WalkRow] = [
        .get("/services", everyone),
        .get("/services/categories", everyone),
        .get("/services/{service}", everyone),
        .post("/services", office, ["name": "Зачіска", "price": 500, "duration": 60]),
        .put("/services/{service}", office, ["price": 600]),
        .delete("/services/{service}", office),
    ]

    private static let clients: [WalkRow] = [
        .get("/clients", everyone),
        .get("/clients/{client}", everyone),
        .post("/clients", desk, ["firstName": "Ганна"]),
        .get("/clients/{client}/history", everyone),
        .put("/clients/{client}", desk, ["notes": "walked"]),
        .delete("/clients/{client}", desk),
        .get("/clients/export", office),
        // Without a form: what comes of files is another suite's.
        .post("/clients/import", desk, status: 415),
    ]

    private static let finances: [WalkRow] = [
        .get("/finances/dashboard", desk),
        .get("/finances/operations", desk),
        .get("/finances/operations/{operation}", desk),
        .post(
            "/finances/operations",
            admin,
            [
                "type": "payment", "amount": 1, "clientId": "{client}", "cashRegisterId": "{register}",
                "paymentMethodId": "{method}",
            ]
        ),
        .put("/finances/operations/{operation}", admin, ["amount": 2]),
        .delete("/finances/operations/{operation}", admin),
        .get("/finances/documents", desk),
        .get("/finances/documents/{document}", desk),
        .post("/finances/documents", admin, ["type": "act", "items": [["serviceId": "{service}"]]]),
        .put("/finances/documents/{document}", admin, ["comment": "walked"]),
        .delete("/finances/documents/{document}", admin),
        .get("/finances/receipts", desk),
        .post("/finances/receipts", admin, ["items": [["productId": "{product}"]]]),
        .get("/finances/payment-methods", desk),
        .get("/finances/payment-methods/{method}", desk),
        .post("/finances/payment-methods", admin, ["name": "{unique}", "type": "online"]),
        .put("/finances/payment-methods/{method}", admin, ["isActive": false]),
        .delete("/finances/payment-methods/{method}", admin),
        .get("/finances/cash-registers", desk),
        .get("/finances/cash-registers/{register}", desk),
        .post("/finances/cash-registers", admin, ["name": "{unique}"]),
        .put("/finances/cash-registers/{register}", admin, ["isActive": false]),
        .delete("/finances/cash-registers/{register}", admin),
        .get("/finances/export", office),
    ]

    private static let inventory: [WalkRow] = [
        .get("/inventory/products", desk),
        .get("/inventory/products/{product}", desk),
        .get("/inventory/products/{product}/history", desk),
        .post("/inventory/products", office, ["name": "Шампунь", "quantity": 2]),
        .put("/inventory/products/{product}", office, ["price": 200]),
        .delete("/inventory/products/{product}", office),
        .get("/inventory/export", office),
        .post("/inventory/import", office, status: 415),
        // Its product is what it is about, as if the path named it.
        .post(
            "/inventory/stock-movement",
            office,
            ["productId": "{product}", "type": "in", "quantity": 1],
            foreign: 404
        ),
    ]

    private static let overview: [WalkRow] = [
        .get("/overview/records", everyone),
        .get("/overview/reviews", everyone),
        .post(
            "/overview/reviews",
            desk,
            ["rating": 5, "clientId": "{client}", "staffId": "{staff}", "appointmentId": "{visit}"]
        ),
        .get("/overview/changes", office),
    ]

    private static let reports: [WalkRow] = ["revenue", "staff-performance", "services-popularity", "export"].map {
        .get("/reports/\($0)?dateFrom=2026-05-01&dateTo=2026-05-31", office)
    }

    private static let settings: [WalkRow] = [
        .get("/settings/salon", office),
        .put("/settings/salon", admin, ["address": "Львів"]),
        .get("/settings/roles", office),
        .get("/settings/roles/receptionist", office),
        // It would change what the walk is about.
        .put("/settings/roles/receptionist", admin, [:], status: 422),
        .get("/settings/profile", everyone),
        .put("/settings/profile", everyone, ["address": "Львів"]),
    ]
}
