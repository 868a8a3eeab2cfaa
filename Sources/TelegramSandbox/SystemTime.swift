import Glibc

/// The clock on the wall.
enum SystemTime {
    static func secondsSince1970() -> Double {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }
}
