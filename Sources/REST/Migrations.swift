public import Postgres

/// The schema, in order. Applied files never change: what is wrong in one is put right by the next.
public enum Schema {
    /// Every migration of this version.
    public static let migrations: [Migration] = [
        Migration(number: 1, name: "foundation", sql: text(PackageResources._001_foundation_sql)),
        Migration(number: 2, name: "accounts", sql: text(PackageResources._002_accounts_sql)),
        Migration(number: 3, name: "salon", sql: text(PackageResources._003_salon_sql)),
        Migration(number: 4, name: "telegram", sql: text(PackageResources._004_telegram_sql)),
        Migration(number: 5, name: "rights", sql: text(PackageResources._005_rights_sql)),
        Migration(number: 6, name: "desks", sql: text(PackageResources._006_desks_sql)),
        Migration(number: 7, name: "staff_logins", sql: text(PackageResources._007_staff_logins_sql)),
        Migration(number: 8, name: "finances", sql: text(PackageResources._008_finances_sql)),
        Migration(number: 9, name: "inventory", sql: text(PackageResources._009_inventory_sql)),
        Migration(number: 10, name: "overview", sql: text(PackageResources._010_overview_sql)),
        Migration(number: 11, name: "operations_kept", sql: text(PackageResources._011_operations_kept_sql)),
        Migration(number: 12, name: "precedes_operations", sql: text(PackageResources._012_precedes_operations_sql)),
        Migration(number: 13, name: "takings", sql: text(PackageResources._013_takings_sql)),
        Migration(number: 14, name: "salon_card", sql: text(PackageResources._014_salon_card_sql)),
        Migration(number: 15, name: "appointments_done", sql: text(PackageResources._015_appointments_done_sql)),
        Migration(number: 16, name: "operations_expenses", sql: text(PackageResources._016_operations_expenses_sql)),
    ]

    private static func text(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}
