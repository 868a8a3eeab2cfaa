/// Where headings are looked for: people put titles above them, and merge cells.
enum HeadingArea {
    /// How many rows that hold something may stand before the first row of data, the headings among them.
    static let rows = 12
    /// Merged cells that begin below this row are none of the headings.
    static let lastRow = 100
}
