/// Ends the process with a sentence when an invariant is broken. In a release build too, where `precondition` would trap
/// without a word: a fuzzer is a release build, and its crash should say what it found.
func demand(_ isTrue: Bool, _ sentence: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line) {
    if !isTrue { fatalError(sentence(), file: file, line: line) }
}
