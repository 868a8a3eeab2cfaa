/// What the two demo salons are made of. Names are invented.
enum DemoContent {
    struct Person: Sendable {
        var firstName: String
        var lastName: String
    }

    struct Master: Sendable {
        var firstName: String
        var lastName: String
        var position: String
        var specializations: [String]
        /// Hours of each working day; days off are absent.
        var from = "09:00"
        var to = "18:00"
        var daysOff: Set<String> = ["sun"]
        var pause: String? = "13:00"
    }

    struct Service: Sendable {
        var name: String
        var category: String
        var minutes: Int
        var price: Int
        var color: String
    }

    struct Account: Sendable {
        var email: String
        var role: Role
        var firstName: String
        var lastName: String
        /// The staff card of this account, by its place in the list.
        var master: Int?
    }

    struct Salon: Sendable {
        var name: String
        var address: String
        var phone: String
        var accounts: [Account]
        var masters: [Master]
        var services: [Service]
        /// How full a day is, in percent of its working time.
        var load: Int
        /// What it has beside once it has a year behind it.
        var grown: Growth?

        /// The salon with a year behind it.
        func withYear() -> Salon {
            guard let grown else { return self }
            var salon = self
            salon.masters += grown.masters
            salon.services += grown.services
            return salon
        }
    }

    /// What a salon gained in a year.
    struct Growth: Sendable {
        var masters: [Master]
        var services: [Service]
    }

    static let password = "adelante-demo"

    static let salons = [
        Salon(
            name: "Adelante, Київ",
            address: "вул. Ярославів Вал, 14, Київ",
            phone: "+380 44 123 45 67",
            accounts: [
                Account(email: "owner@demo.adelante", role: .admin, firstName: "Ольга", lastName: "Левченко"),
                Account(email: "manager@demo.adelante", role: .manager, firstName: "Максим", lastName: "Бондар"),
                Account(email: "reception@demo.adelante", role: .receptionist, firstName: "Софія", lastName: "Гриценко"),
                Account(email: "master@demo.adelante", role: .master, firstName: "Ірина", lastName: "Савчук", master: 0),
            ],
            masters: [
                Master(firstName: "Ірина", lastName: "Савчук", position: "master", specializations: ["hair"], daysOff: ["tue"]),
                Master(
                    firstName: "Євген",
                    lastName: "Ткач",
                    position: "master",
                    specializations: ["hair"],
                    from: "11:00",
                    to: "20:00",
                    daysOff: ["mon"],
                    pause: "15:00"
                ),
                Master(firstName: "Марʼяна", lastName: "Їжакевич", position: "master", specializations: ["nails"]),
                Master(
                    firstName: "Ганна",
                    lastName: "Ґалаґан",
                    position: "master",
                    specializations: ["nails"],
                    from: "10:00",
                    to: "19:00",
                    daysOff: ["wed"],
                    pause: "14:00"
                ),
                Master(firstName: "Юлія", lastName: "Шевчук", position: "master", specializations: ["face"], daysOff: ["sat"]),
            ],
            services: [
                Service(name: "Стрижка жіноча", category: "hair", minutes: 60, price: 650, color: "#7c5cbf"),
                Service(name: "Стрижка чоловіча", category: "hair", minutes: 45, price: 450, color: "#5c7cbf"),
                Service(name: "Укладка", category: "hair", minutes: 45, price: 400, color: "#9a6fb8"),
                Service(name: "Фарбування", category: "hair", minutes: 150, price: 1_850, color: "#b8578c"),
                Service(name: "Тонування", category: "hair", minutes: 90, price: 1_250, color: "#c46a75"),
                Service(name: "Манікюр", category: "nails", minutes: 60, price: 450, color: "#c9736b"),
                Service(name: "Манікюр з покриттям", category: "nails", minutes: 90, price: 700, color: "#cc8a5b"),
                Service(name: "Педикюр", category: "nails", minutes: 75, price: 750, color: "#a8893f"),
                Service(name: "Чистка обличчя", category: "face", minutes: 90, price: 1_100, color: "#5a9a78"),
                Service(name: "Масаж обличчя", category: "face", minutes: 45, price: 600, color: "#4a93a0"),
                Service(name: "Корекція брів", category: "face", minutes: 30, price: 300, color: "#6c8a4f"),
                Service(name: "Макіяж", category: "makeup", minutes: 60, price: 950, color: "#b0628f"),
            ],
            load: 62,
            grown: year
        ),
        Salon(
            name: "Салон «Лев», Львів",
            address: "пл. Ринок, 9, Львів",
            phone: "+380 32 765 43 21",
            accounts: [Account(email: "owner@lviv.demo.adelante", role: .admin, firstName: "Роман", lastName: "Яцків")],
            masters: [
                Master(firstName: "Соломія", lastName: "Дзюба", position: "master", specializations: ["hair"]),
                Master(firstName: "Тарас", lastName: "Козак", position: "master", specializations: ["hair"], daysOff: ["mon"]),
                Master(firstName: "Зоряна", lastName: "Пилипів", position: "master", specializations: ["nails"]),
            ],
            services: [
                Service(name: "Стрижка", category: "hair", minutes: 45, price: 500, color: "#5c7cbf"),
                Service(name: "Фарбування", category: "hair", minutes: 120, price: 1_600, color: "#b8578c"),
                Service(name: "Манікюр", category: "nails", minutes: 60, price: 420, color: "#c9736b"),
            ],
            load: 45
        ),
    ]

    static let firstNames = [
        "Олена", "Анна", "Наталія", "Тетяна", "Катерина", "Марія", "Людмила", "Вікторія", "Оксана", "Світлана", "Дарина", "Аліна",
        "Христина", "Валентина", "Лілія", "Андрій", "Олександр", "Сергій", "Дмитро", "Богдан",
    ]

    static let lastNames = [
        "Коваленко", "Мельник", "Бойко", "Кравченко", "Коваль", "Олійник", "Поліщук", "Лисенко", "Марченко", "Руденко", "Мороз",
        "Петренко", "Клименко", "Павленко", "Василенко", "Гончар", "Щербак", "Яременко",
    ]

    static let notes = ["Просить не запізнюватися", "Алергія на аміак", "Подзвонити за годину", "Зі знижкою постійного клієнта"]
}

/// A small generator whose numbers follow from its seed: the same day looks the same on every machine.
struct DemoRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        self.state = seed
    }

    /// SplitMix64.
    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
