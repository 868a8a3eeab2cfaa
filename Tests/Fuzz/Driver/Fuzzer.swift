/// libFuzzer, for a program whose `main` is Swift's: SwiftPM gives every executable one, so libFuzzer's own is of no use.
public enum Fuzzer {
    /// One body for a process. libFuzzer calls it on the main thread only.
    nonisolated(unsafe) fileprivate static var body: ([UInt8]) -> Void = { _ in }

    /// Runs as the command line says (see `-help=1`); returns when libFuzzer has nothing more to do.
    ///
    /// - Parameter body: tries one input, and ends the process when something is wrong
    public static func run(_ body: @escaping ([UInt8]) -> Void) -> CInt {
        Self.body = body
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        return runDriver(&count, &arguments, execute)
    }
}

/// The name under which libFuzzer's own `main`, linked but unused, looks for it.
@_cdecl("LLVMFuzzerTestOneInput")
func execute(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    Fuzzer.body(Array(UnsafeBufferPointer(start: bytes, count: count)))
    return 0
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ execute: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
