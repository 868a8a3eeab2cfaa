import JSON

extension JSONNumber {
    /// An amount of money in its hundredths.
    var cents: Int64? { self.minorUnits(decimals: 2) }

    /// A quantity of goods in its thousandths.
    var thousandths: Int64? { self.minorUnits(decimals: 3) }

    /// An amount in its smallest unit, by its figures alone; `nil` if there are more decimals.
    ///
    /// A browser counts in binary, and writes 0.1 + 0.2 as `0.30000000000000004`: what lies less than a millionth beside a whole
    /// number of units is taken for that.
    private func minorUnits(decimals: Int) -> Int64? {
        if let exact = self.scaled(digits: decimals) { return exact }
        guard let amount = Figures(self.text, decimals: decimals) else { return nil }
        let rest = amount.rest
        // How many figures behind the smallest unit a millionth is.
        let millionth = 6 - decimals
        let units: Int64
        if rest.prefix(millionth).allSatisfy({ $0 == 0 }) {
            units = amount.whole
        } else if rest.count > millionth, rest.prefix(millionth).allSatisfy({ $0 == 9 }),
            rest.dropFirst(millionth).contains(where: { $0 != 0 })
        {
            units = amount.whole + 1
        } else {
            return nil
        }
        return amount.isNegative ? -units : units
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
        // What a browser's sums leave is no smaller than this: less is somebody's mistake.
        guard let exponent = parts.count == 2 ? Int(parts[1]) : 0, (-20...18).contains(exponent) else { return nil }
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
