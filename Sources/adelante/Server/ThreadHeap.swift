import Glibc

/// The heap of a thread, as glibc keeps it.
enum ThreadHeap {
    /// Below the size from which glibc maps memory apart.
    private static let chunkBytes = 96 * 1_024

    /// Makes room for the calling thread's next allocations, without memory behind it: what is not written to takes none.
    ///
    /// glibc makes a thread's heap accessible page by page, with a system call for each, and that was one for every connection. Room
    /// that it once had is kept: only the memory is given back.
    ///
    /// - Parameter bytes: how much; a heap of glibc's has 64 MiB
    static func makeRoom(_ bytes: Int) {
        let count = bytes / self.chunkBytes
        unsafe withUnsafeTemporaryAllocation(of: UnsafeMutableRawPointer?.self, capacity: count) { chunks in
            for index in 0..<count { unsafe chunks.initializeElement(at: index, to: malloc(self.chunkBytes)) }
            // The last first: the heap's end moves back.
            for index in (0..<count).reversed() { unsafe free(chunks[index]) }
        }
    }
}
