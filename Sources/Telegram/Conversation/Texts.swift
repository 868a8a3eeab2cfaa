/// The bot's languages.
enum BotLanguage: String, Sendable, CaseIterable {
    case ukrainian = "uk"
    case english = "en"

    /// - Parameter code: IETF tag, as Telegram tells it
    init(code: String?) {
        self = code?.lowercased().split(separator: "-").first == "en" ? .english : .ukrainian
    }
}

/// Everything that the bot says. Messages are HTML, so whatever others have written is cleaned and escaped here, in one place;
/// alerts and buttons are plain text.
struct Texts: Sendable {
    let language: BotLanguage

    private func text(_ ukrainian: String, _ english: String) -> String {
        self.language == .english ? english : ukrainian
    }

    /// What somebody else has written, fit to stand inside a message.
    private func quoted(_ text: String, maximum: Int = 64) -> String {
        MessageHTML.escaped(PlainText.clean(text, maximum: maximum))
    }

    // MARK: Messages

    var greeting: String {
        self.text("Привіт! Це бот для авторизації в Adelante CRM.", "Hello! This bot logs you in to Adelante CRM.")
    }

    var badCode: String {
        self.text("❌ Код авторизації недійсний або застарів.", "❌ The login code is not valid or has expired.")
    }

    var used: String { self.text("❌ Цей код вже використано.", "❌ This code has already been used.") }

    func askToRegister(_ name: String, _ origin: LoginOrigin) -> String {
        let name = self.quoted(name)
        let question = self.text(
            """
            👋 Привіт, \(name)!

            Ви ще не зареєстровані в системі.
            Бажаєте створити обліковий запис?
            """,
            """
            👋 Hello, \(name)!

            You are not registered yet.
            Would you like to create an account?
            """
        )
        return question + self.lines(of: origin)
    }

    func askToConfirm(_ name: String, _ origin: LoginOrigin) -> String {
        let name = self.quoted(name)
        let question = self.text(
            """
            👋 Привіт, \(name)!

            Підтвердіть вхід в систему Adelante CRM.
            """,
            """
            👋 Hello, \(name)!

            Confirm that you are logging in to Adelante CRM.
            """
        )
        return question + self.lines(of: origin)
    }

    /// Where the login was asked from: whoever was sent a link can see that it is not their own.
    private func lines(of origin: LoginOrigin) -> String {
        let device = self.quoted(origin.device)
        return self.text(
            """


            Пристрій: \(device.isEmpty ? "невідомий" : device)
            Адреса: \(self.quoted(origin.address))
            Час: \(self.quoted(origin.time))
            """,
            """


            Device: \(device.isEmpty ? "unknown" : device)
            Address: \(self.quoted(origin.address))
            Time: \(self.quoted(origin.time))
            """
        )
    }

    var askNumber: String {
        self.text("🔢 Яке число показує сторінка входу?", "🔢 Which number does the login page show?")
    }

    var confirmed: String {
        self.text("✅ Вхід підтверджено! Поверніться до браузера.", "✅ Login confirmed! Go back to the browser.")
    }

    var registered: String {
        self.text(
            """
            ✅ Обліковий запис створено!
            Поверніться до браузера для завершення входу.
            """,
            """
            ✅ The account has been created!
            Go back to the browser to finish.
            """
        )
    }

    var awaitingApproval: String {
        self.text(
            """
            ⏳ Обліковий запис створено!
            Тепер його має підтвердити адміністратор салону.
            """,
            """
            ⏳ The account has been created!
            An administrator of the salon has to approve it now.
            """
        )
    }

    func cancelled(_ reason: CancelReason) -> String {
        switch reason {
        case .user: self.text("❌ Авторизацію скасовано.", "❌ The login was cancelled.")
        case .wrongNumber:
            self.text("❌ Число не збігається. Авторизацію скасовано.", "❌ The number is not right. The login was cancelled.")
        case .inactive:
            self.text(
                "❌ Ваш обліковий запис вимкнено. Зверніться до адміністратора салону.",
                "❌ Your account is switched off. Ask an administrator of the salon."
            )
        case .registrationClosed:
            self.text(
                "❌ Реєстрацію закрито. Зверніться до адміністратора салону.",
                "❌ Registration is closed. Ask an administrator of the salon."
            )
        }
    }

    // MARK: Linking

    var badLink: String { self.text("❌ Код прив'язки недійсний.", "❌ The link code is not valid.") }

    var telegramTaken: String {
        self.text(
            "❌ Цей Telegram акаунт вже прив'язано до іншого користувача.",
            "❌ This Telegram account is already linked to another user."
        )
    }

    var accountTaken: String {
        self.text(
            "❌ До цього облікового запису вже прив'язано інший Telegram акаунт. Спершу відв'яжіть його.",
            "❌ Another Telegram account is already linked to this account. Unlink it first."
        )
    }

    func linked(_ firstName: String, _ lastName: String) -> String {
        let name = self.quoted("\(firstName) \(lastName)", maximum: 128)
        return self.text(
            "✅ Telegram успішно прив'язано до акаунту \(name)!",
            "✅ Telegram is now linked to the account of \(name)!"
        )
    }

    // MARK: Alerts

    var late: String { self.text("❌ Код застарів", "❌ The code has expired") }

    var tryAgain: String {
        self.text("⚠️ Зараз не вдається. Спробуйте ще раз.", "⚠️ It does not work at the moment. Try again.")
    }

    // MARK: Buttons

    func label(_ button: Button) -> String {
        switch button {
        case .confirm: self.text("✅ Підтвердити вхід", "✅ Confirm login")
        case .register: self.text("✅ Підтвердити реєстрацію", "✅ Confirm registration")
        case .cancel: self.text("❌ Скасувати", "❌ Cancel")
        case .number(let number): String(number)
        }
    }
}
