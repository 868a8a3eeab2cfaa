import CZip
import Glibc

// The one file that touches libzip's pointers. Each has one owner here that frees it, and none leaves the file.

/// A ZIP archive in memory. Nothing in it is trusted: names, sizes and checksums are what somebody sent. Not Sendable.
@safe
final class ZipArchive {
    /// One file of the archive, by its own word.
    struct Entry: Sendable, Hashable {
        let index: Int
        let name: String
        let size: Int
        let compressedSize: Int
        let isEncrypted: Bool
    }

    private let pointer: OpaquePointer
    /// In the archive's order; only so many as were asked for.
    let entries: [Entry]
    /// How many there are.
    let count: Int

    /// - Parameters:
    ///   - bytes: the archive; copied
    ///   - limit: how many entries are looked at
    init(_ bytes: UnsafeRawBufferPointer, limit: Int) throws(SpreadsheetError) {
        var error = unsafe zip_error_t()
        unsafe zip_error_init(&error)
        defer { unsafe zip_error_fini(&error) }
        guard let copy = unsafe malloc(max(bytes.count, 1)) else { throw Self.outOfMemory }
        if let address = bytes.baseAddress { unsafe memcpy(copy, address, bytes.count) }
        // The source frees the copy.
        guard let source = unsafe zip_source_buffer_create(copy, UInt64(bytes.count), 1, &error) else {
            unsafe free(copy)
            throw Self.outOfMemory
        }
        guard let pointer = unsafe zip_open_from_source(source, ZIP_RDONLY, &error) else {
            unsafe zip_source_free(source)
            throw SpreadsheetError(.broken, "the ZIP cannot be opened: \(unsafe String(cString: zip_error_strerror(&error)))")
        }
        unsafe self.pointer = pointer
        self.count = Int(unsafe zip_get_num_entries(pointer, 0))
        var entries: [Entry] = []
        for index in 0..<min(self.count, limit) {
            if let entry = unsafe Self.entry(UInt64(index), of: pointer) { entries.append(entry) }
        }
        self.entries = entries
    }

    deinit {
        unsafe zip_discard(self.pointer)
    }

    private static let outOfMemory = SpreadsheetError(.outOfResources, "no memory is left for the ZIP")

    private static func entry(_ index: UInt64, of archive: OpaquePointer) -> Entry? {
        var stat = unsafe zip_stat_t()
        unsafe zip_stat_init(&stat)
        guard unsafe zip_stat_index(archive, index, 0, &stat) == 0, let name = unsafe stat.name else { return nil }
        return Entry(
            index: Int(index),
            name: unsafe String(cString: name),
            size: Int(clamping: unsafe stat.size),
            compressedSize: Int(clamping: unsafe stat.comp_size),
            isEncrypted: unsafe stat.encryption_method != UInt16(ZIP_EM_NONE)
        )
    }

    /// Begins to inflate a file. The archive must outlive the reader, which therefore holds it.
    func open(_ entry: Entry) throws(SpreadsheetError) -> ZipEntryReader {
        guard let file = unsafe zip_fopen_index(self.pointer, UInt64(entry.index), 0) else {
            throw SpreadsheetError(.broken, "a file of the ZIP cannot be opened: \(self.failure)")
        }
        return unsafe ZipEntryReader(file, of: self)
    }

    private var failure: String { unsafe String(cString: zip_error_strerror(zip_get_error(self.pointer))) }
}

/// A file of an archive that is being inflated. Not Sendable.
@safe
final class ZipEntryReader {
    private let archive: ZipArchive
    private let pointer: OpaquePointer

    fileprivate init(_ pointer: OpaquePointer, of archive: ZipArchive) {
        unsafe self.pointer = pointer
        self.archive = archive
    }

    deinit {
        unsafe _ = zip_fclose(self.pointer)
    }

    /// The next bytes.
    ///
    /// - Returns: how many there were; 0 at the end, when the checksum was right
    /// - Throws: ``SpreadsheetError`` `.broken`
    func read(into buffer: inout [UInt8]) throws(SpreadsheetError) -> Int {
        let count = unsafe buffer.withUnsafeMutableBytes { unsafe zip_fread(self.pointer, $0.baseAddress, UInt64($0.count)) }
        guard count >= 0 else {
            let reason = unsafe String(cString: zip_error_strerror(zip_file_get_error(self.pointer)))
            throw SpreadsheetError(.broken, "a file of the ZIP is damaged: \(reason)")
        }
        return Int(count)
    }
}
