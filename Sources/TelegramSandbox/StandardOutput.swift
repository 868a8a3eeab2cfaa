import Glibc

/// Lines for whoever has started the program.
enum StandardOutput {
    /// Prints a line at once, also into a file or a pipe.
    static func print(_ line: String) {
        Swift.print(line)
        fflush(nil)
    }
}
