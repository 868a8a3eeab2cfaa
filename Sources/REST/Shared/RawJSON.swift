import NIOCore
import Postgres

/// A JSON document that goes out as PostgreSQL wrote it: nobody here looks into it, so it never becomes text. It is `jsonb`, or
/// text that a statement has made of ``SQL/objectText(_:)``.
struct RawJSON: PostgresDecodable {
    let bytes: ByteBuffer

    init(postgres cell: PostgresCell) throws(PostgresError) {
        let start: Int
        switch cell.type {
        case .text: start = 0
        case .jsonb: start = try cell.jsonbTextStart
        default: throw cell.mismatch(RawJSON.self)
        }
        self.bytes = cell.withBytes { bytes in
            var buffer = ByteBufferAllocator().buffer(capacity: bytes.byteCount)
            buffer.writeBytes(bytes.extracting(start...))
            return buffer
        }
    }
}
