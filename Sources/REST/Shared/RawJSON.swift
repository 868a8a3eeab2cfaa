import NIOCore
import Postgres

/// A JSON document that goes out as PostgreSQL wrote it: nobody here looks into it, so it never becomes text. It is `jsonb`, or
/// text that a statement has made of ``SQL/objectText(_:)``.
struct RawJSON: PostgresDecodable {
    let bytes: ByteBuffer

    init(postgres cell: PostgresCell) throws(PostgresError) {
        let prefix: Int
        switch cell.type {
        case .text:
            prefix = 0
        case .jsonb:
            // One version byte, then the text.
            guard cell.integer(as: UInt8.self) == 1 else { throw cell.refusal("its jsonb is of an unknown version") }
            prefix = 1
        default:
            throw cell.mismatch(RawJSON.self)
        }
        self.bytes = cell.withBytes { bytes in
            var buffer = ByteBuffer()
            buffer.writeBytes(bytes.extracting(prefix...))
            return buffer
        }
    }
}
