import JSON
import Postgres

extension PostgresJSON {
    /// What the database made, as an object.
    func object() throws -> JSONObject {
        try JSONValue(parsing: self.text).object ?? JSONObject()
    }
}
