/// `HH:mm[:ss[.fffffffff]]` at the start of some bytes.
struct ClockText {
    /// Microseconds since midnight, rounded down.
    let microseconds: Int64
    /// What the rounding dropped, 0 … 999.
    let nanosecondRest: Int
    /// How many bytes the time took.
    let length: Int

    init?(_ bytes: ArraySlice<UInt8>) {
        func byte(_ offset: Int) -> UInt8? {
            bytes.startIndex + offset < bytes.endIndex ? bytes[bytes.startIndex + offset] : nil
        }
        guard let hour = CivilCalendar.number(bytes, at: 0, width: 2), hour <= 24, byte(2) == UInt8(ascii: ":"),
            let minute = CivilCalendar.number(bytes, at: 3, width: 2), minute <= 59
        else { return nil }
        var length = 5
        var second = 0
        var nanoseconds = 0
        if byte(5) == UInt8(ascii: ":") {
            guard let number = CivilCalendar.number(bytes, at: 6, width: 2), number <= 59 else { return nil }
            second = number
            length = 8
            if byte(8) == UInt8(ascii: ".") {
                var digits = 0
                while let digit = CivilCalendar.number(bytes, at: 9 + digits, width: 1) {
                    guard digits < 9 else { return nil }
                    nanoseconds = nanoseconds * 10 + digit
                    digits += 1
                }
                guard digits > 0 else { return nil }
                length = 9 + digits
                for _ in digits..<9 {
                    nanoseconds *= 10
                }
            }
        }
        self.microseconds = Int64((hour * 60 + minute) * 60 + second) * 1_000_000 + Int64(nanoseconds / 1000)
        self.nanosecondRest = nanoseconds % 1000
        self.length = length
        guard self.microseconds <= 86_400_000_000 else { return nil }
    }
}
