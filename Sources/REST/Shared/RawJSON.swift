import NIOCore
import Postgres

/// A JSON document that goes out as PostgreSQL wrote it: nobody here looks into it, so it never becomes text.
struct RawJSON: PostgresDecodable {
    let bytes: ByteBuffer

    init(postgres cell: PostgresCell) throws(PostgresError) {
        guard cell.type == .jsonb else { throw cell.mismatch(RawJSON.self) }
        // One version byte, then the text.
        guard cell.integer(as: UInt8.self) == 1 else { throw cell.refusal("its jsonb is of an unknown version") }
        self.bytes = cell.withBytes { bytes in
            var buffer = ByteBuffer()
            buffer.writeBytes(bytes.extracting(1...))
            return buffer
        }
    }
}
