/// What a `User-Agent` says of browser and system, by family: for people to recognise their own, not for programs.
enum BrowserName {
    // The first one that is found counts: most of them name the others too.
    private static let browsers: [(token: String, name: String)] = [
        ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("YaBrowser/", "Yandex"),
        ("Vivaldi/", "Vivaldi"), ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]
    private static let systems: [(token: String, name: String)] = [
        ("iPhone", "iOS"), ("iPad", "iPadOS"), ("Android", "Android"), ("CrOS", "ChromeOS"), ("Windows", "Windows"),
        ("Mac OS X", "macOS"), ("Linux", "Linux"),
    ]

    /// `Firefox, Windows`; what is not known is left out.
    static func text(userAgent: String?) -> String {
        guard let userAgent = userAgent?.prefix(512) else { return "" }
        let parts = [self.browsers, self.systems].compactMap { list in
            list.first { userAgent.contains($0.token) }?.name
        }
        return parts.joined(separator: ", ")
    }
}
