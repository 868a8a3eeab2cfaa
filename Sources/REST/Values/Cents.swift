import JSON

extension JSONNumber {
    /// An amount of money in its hundredths, by its figures alone; `nil` if there are more decimals.
    ///
    /// A browser counts in binary, and writes 0.1 + 0.2 as `0.30000000000000004`: what lies less than a millionth beside whole
    /// hundredths is taken for those.
    var cents: Int64? {
        if let exact = self.scaled(digits: 2) { return exact }
        guard let amount = Figures(self.text, decimals: 2) else { return nil }
        let rest = amount.rest
        // A millionth is the fourth figure behind the hundredths.
        let cents: Int64
        if rest.prefix(4).allSatisfy({ $0 == 0 }) {
            cents = amount.whole
        } else if rest.count > 4, rest.prefix(4).allSatisfy({ $0 == 9 }), rest.dropFirst(4).contains(where: { $0 != 0 }) {
            cents = amount.whole + 1
        } else {
            return nil
        }
        return amount.isNegative ? -cents : cents
    }
}

/// A number's figures, cut behind some decimals.
private struct Figures {
    private(set) var isNegative = false
    /// What stands before the cut; without its sign.
    private(set) var whole: Int64 = 0
    /// The figures behind the cut.
    private(set) var rest: [UInt8] = []

    /// - Returns: `nil` if what stands before the cut has more than 18 figures
    init?(_ text: String, decimals: Int) {
        let parts = text.split(maxSplits: 1, whereSeparator: { $0 == "e" || $0 == "E" })
        guard let exponent = parts.count == 2 ? Int(parts[1]) : 0, (-1_000...18).contains(exponent) else { return nil }
        var figures: [UInt8] = []
        var point: Int?
        for byte in parts[0].utf8 {
            switch byte {
            case UInt8(ascii: "-"): self.isNegative = true
            case UInt8(ascii: "."): point = figures.count
            default: figures.append(byte - UInt8(ascii: "0"))
            }
        }
        let cut = (point ?? figures.count) + exponent + decimals
        if cut < 0 { figures.insert(contentsOf: repeatElement(0, count: -cut), at: 0) }
        let before = figures.prefix(max(cut, 0)).drop { $0 == 0 }
        guard before.count + max(cut - figures.count, 0) <= 18 else { return nil }
        for figure in before { self.whole = self.whole * 10 + Int64(figure) }
        for _ in 0..<max(cut - figures.count, 0) { self.whole *= 10 }
        self.rest = Array(figures.dropFirst(max(cut, 0)))
    }
}
