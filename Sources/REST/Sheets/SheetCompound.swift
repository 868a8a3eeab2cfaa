/// A column of workbooks that come in, which holds what usually stands in several. It counts where the one without which
/// nothing can be read has no column of its own.
struct SheetCompound: Sendable {
    /// Its heading; the name is none of the API's.
    let field: SheetField
    /// What a cell's text holds, by the fields' names.
    let parts: @Sendable (String) -> [String: String]
}
