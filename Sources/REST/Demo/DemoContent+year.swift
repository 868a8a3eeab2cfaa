/// What the first demo salon has beside once it has a year behind it: ten masters, forty services, three thousand clients.
extension DemoContent {
    static let year = Growth(
        masters: [
            Master(
                firstName: "Оксана",
                lastName: "Романюк",
                position: "master",
                specializations: ["hair"],
                from: "10:00",
                to: "19:00"
            ),
            Master(firstName: "Дмитро", lastName: "Захарченко", position: "master", specializations: ["hair"], daysOff: ["thu"]),
            Master(firstName: "Надія", lastName: "Гнатюк", position: "master", specializations: ["nails"], pause: "12:30"),
            Master(
                firstName: "Валерія",
                lastName: "Сидоренко",
                position: "master",
                specializations: ["face", "makeup"],
                from: "11:00",
                to: "20:00",
                daysOff: ["mon"],
                pause: "15:30"
            ),
            Master(firstName: "Тамара", lastName: "Єфименко", position: "master", specializations: ["body"], pause: "13:30"),
        ],
        services: [
            Service(name: "Стрижка дитяча", category: "hair", minutes: 30, price: 350, color: "#6c86c4"),
            Service(name: "Стрижка чубчика", category: "hair", minutes: 15, price: 150, color: "#6c86c4"),
            Service(name: "Фарбування коренів", category: "hair", minutes: 90, price: 1_200, color: "#b8578c"),
            Service(name: "Мелірування", category: "hair", minutes: 150, price: 2_100, color: "#b0577c"),
            Service(name: "Балаяж", category: "hair", minutes: 180, price: 2_900, color: "#a8577c"),
            Service(name: "Ботокс для волосся", category: "hair", minutes: 90, price: 1_500, color: "#9a6fb8"),
            Service(name: "Кератинове вирівнювання", category: "hair", minutes: 150, price: 2_400, color: "#8a6fb8"),
            Service(name: "Вечірня зачіска", category: "hair", minutes: 60, price: 900, color: "#9a7fc8"),
            Service(name: "Стрижка бороди", category: "hair", minutes: 30, price: 300, color: "#5c7cbf"),
            Service(name: "Догляд за шкірою голови", category: "hair", minutes: 45, price: 700, color: "#7c9cbf"),
            Service(name: "Манікюр чоловічий", category: "nails", minutes: 45, price: 400, color: "#c9736b"),
            Service(name: "Зняття покриття", category: "nails", minutes: 30, price: 150, color: "#c9836b"),
            Service(name: "Нарощування нігтів", category: "nails", minutes: 150, price: 1_300, color: "#cc7a5b"),
            Service(name: "Корекція нарощених нігтів", category: "nails", minutes: 120, price: 950, color: "#cc8a6b"),
            Service(name: "Педикюр з покриттям", category: "nails", minutes: 105, price: 950, color: "#a8893f"),
            Service(name: "Педикюр медичний", category: "nails", minutes: 90, price: 1_100, color: "#98893f"),
            Service(name: "Дизайн нігтів", category: "nails", minutes: 30, price: 200, color: "#d0a05b"),
            Service(name: "Фарбування брів", category: "face", minutes: 30, price: 350, color: "#6c8a4f"),
            Service(name: "Ламінування брів", category: "face", minutes: 45, price: 600, color: "#5c8a5f"),
            Service(name: "Ламінування вій", category: "face", minutes: 60, price: 800, color: "#4c8a6f"),
            Service(name: "Пілінг", category: "face", minutes: 60, price: 1_200, color: "#5a9a88"),
            Service(name: "Альгінатна маска", category: "face", minutes: 30, price: 450, color: "#5aa098"),
            Service(name: "Макіяж весільний", category: "makeup", minutes: 90, price: 1_800, color: "#b0628f"),
            Service(name: "Макіяж денний", category: "makeup", minutes: 45, price: 750, color: "#c0729f"),
            Service(name: "Масаж спини", category: "body", minutes: 45, price: 650, color: "#4a93a0"),
            Service(name: "Масаж загальний", category: "body", minutes: 90, price: 1_200, color: "#4a83a0"),
            Service(name: "Депіляція ніг", category: "body", minutes: 60, price: 700, color: "#7a83a0"),
            Service(name: "Обгортання", category: "body", minutes: 75, price: 950, color: "#6a93b0"),
        ]
    )

    static let womensNames = [
        "Олена", "Анна", "Наталія", "Тетяна", "Катерина", "Марія", "Людмила", "Вікторія", "Оксана", "Світлана", "Дарина", "Аліна",
        "Христина", "Валентина", "Лілія", "Ірина", "Юлія", "Софія", "Зоя", "Галина", "Соломія", "Марʼяна", "Ольга", "Євгенія",
        "Яна", "Поліна", "Ангеліна", "Василина", "Роксолана", "Інна",
    ]

    static let mensNames = ["Андрій", "Олександр", "Сергій", "Дмитро", "Богдан", "Тарас", "Ігор", "Юрій", "Павло", "Володимир"]

    static let familyNames = [
        "Коваленко", "Мельник", "Бойко", "Кравченко", "Коваль", "Олійник", "Поліщук", "Лисенко", "Марченко", "Руденко", "Мороз",
        "Петренко", "Клименко", "Павленко", "Василенко", "Гончар", "Щербак", "Яременко", "Шевченко", "Ткаченко", "Бондаренко",
        "Савченко", "Гаврилюк", "Остапчук", "Іщенко", "Їжак", "Ґудзь", "Євтушенко", "Дячук", "Приходько", "Харченко", "Цимбал",
        "Чорнобай", "Юрченко", "Бурлака", "Тимошенко", "Романенко", "Стельмах", "Назаренко", "Пономаренко", "Левчук", "Шульга",
        "Кириленко", "Зінченко", "Дерев'янко", "Костюк", "Мазур", "Пилипенко", "Сорока", "Вовк",
    ]

    /// What is on the shelves: name, category, unit, what it costs a client.
    static let products: [(name: String, category: String, unit: String, price: Int)] = [
        ("Шампунь зволожувальний", "retail", "pcs", 420), ("Шампунь для обʼєму", "retail", "pcs", 440),
        ("Шампунь безсульфатний", "retail", "pcs", 510), ("Бальзам відновлювальний", "retail", "pcs", 460),
        ("Маска для волосся", "retail", "pcs", 580), ("Олія арганова", "retail", "pcs", 690),
        ("Спрей термозахисний", "retail", "pcs", 390), ("Лак для волосся", "retail", "pcs", 310),
        ("Віск для укладки", "retail", "pcs", 350), ("Гель для душу", "retail", "pcs", 260),
        ("Скраб для тіла", "retail", "pcs", 430),
        ("Крем для рук", "retail", "pcs", 180), ("Крем для обличчя", "retail", "pcs", 760),
        ("Сироватка з вітаміном C", "retail", "pcs", 890),
        ("Тонік для обличчя", "retail", "pcs", 340), ("Сонцезахисний крем", "retail", "pcs", 620),
        ("Помада", "retail", "pcs", 370),
        ("Туш для вій", "retail", "pcs", 410), ("Олія для кутикули", "retail", "pcs", 160), ("Набір пилок", "retail", "pcs", 120),
        ("Фарба для волосся 4.0", "professional", "pcs", 280), ("Фарба для волосся 6.1", "professional", "pcs", 280),
        ("Фарба для волосся 7.3", "professional", "pcs", 280), ("Фарба для волосся 9.1", "professional", "pcs", 280),
        ("Окислювач 3 %", "professional", "l", 340), ("Окислювач 6 %", "professional", "l", 340),
        ("Пудра освітлювальна", "professional", "kg", 1_150),
        ("Гель-лак прозорий", "professional", "pcs", 260), ("Гель-лак червоний", "professional", "pcs", 260),
        ("База каучукова", "professional", "pcs", 390), ("Топ без липкого шару", "professional", "pcs", 380),
        ("Кератин", "professional", "ml", 4), ("Пілінг азелаїновий", "professional", "ml", 6),
        ("Масажна олія", "professional", "l", 720),
        ("Віск для депіляції", "professional", "kg", 540), ("Рукавички нітрилові", "consumables", "pcs", 3),
        ("Рушники одноразові", "consumables", "pcs", 2), ("Серветки безворсові", "consumables", "pcs", 1),
        ("Фольга для мелірування", "consumables", "pcs", 190), ("Шапочки одноразові", "consumables", "pcs", 2),
        ("Комірці паперові", "consumables", "pcs", 1), ("Антисептик", "consumables", "l", 240),
        ("Ножиці професійні", "equipment", "pcs", 3_400),
        ("Фен професійний", "equipment", "pcs", 5_200), ("Лампа для нігтів", "equipment", "pcs", 2_100),
    ]

    static let suppliers = ["ТОВ «Краса Опт»", "ФОП Гордієнко", "ТОВ «Проф Косметик»"]

    /// What a salon spends money on, and about how much at a time.
    static let expenses: [(name: String, amount: Int)] = [
        ("Витратні матеріали", 480), ("Прання рушників", 350), ("Кава та вода для клієнтів", 220), ("Таксі та доставка", 180),
        ("Реклама", 650), ("Прибирання", 400), ("Звʼязок та інтернет", 250), ("Дрібний ремонт", 520),
    ]

    static let reviews: [(rating: Int, text: String)] = [
        (5, "Дуже задоволена, дякую майстру!"), (5, "Найкращий салон у районі."), (5, "Все чудово, прийду ще."), (5, ""),
        (4, "Гарно, але довелося трохи почекати."), (4, "Результат подобається, паркування немає."), (5, "Акуратно та швидко."),
        (3, "Нормально, очікувала більшого."), (5, "Рекомендую подругам."), (4, ""), (2, "Покриття протрималося тиждень."),
        (5, "Затишно і привітно."),
    ]
}
