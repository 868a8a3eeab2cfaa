import JSON
import Postgres

/// How people call the fields that an audit entry names.
enum ChangeWords {
    private static let ukrainian: JSONObject = [
        "added": "додано", "address": "адреса", "allowOverlap": "накладання", "amount": "сума", "author": "автор",
        "avatar": "фото",
        "balance": "залишок",
        "birthDate": "дата народження", "bonusBalance": "бонуси", "cardNumber": "номер картки", "cashRegister": "каса",
        "cashRegisterId": "каса (номер)",
        "category": "категорія", "city": "місто", "client": "клієнт", "clientId": "клієнт (номер)", "clientName": "клієнт",
        "clientPhone": "телефон",
        "color": "колір",
        "comment": "коментар", "commission": "відсоток", "contentType": "вміст", "costPrice": "собівартість",
        "count": "кількість", "counterparty": "контрагент", "currency": "валюта", "date": "дата", "description": "опис",
        "discount": "знижка", "documentNumber": "номер документа", "duration": "тривалість", "email": "пошта",
        "endTime": "кінець", "exceptions": "винятки", "firstName": "ім'я", "first_name": "ім'я", "gender": "стать",
        "hireDate": "дата найму", "isActive": "активність", "is_active": "активність", "language": "мова",
        "lastName": "прізвище", "last_name": "прізвище", "lastRestockDate": "дата поставки",
        "legalName": "юридична назва", "middleName": "по батькові", "minQuantity": "мінімум", "name": "назва",
        "notes": "нотатки", "number": "номер", "openingBalance": "початковий залишок", "openingDate": "дата відкриття",
        "packageVolume": "об'єм упаковки", "paymentMethod": "спосіб оплати", "paymentMethodId": "спосіб оплати (номер)",
        "permissions": "права", "phone": "телефон", "position": "посада", "price": "ціна",
        "quantity": "кількість", "rating": "оцінка", "removed": "вилучено", "role": "роль", "salary": "зарплата",
        "schedule": "графік",
        "service": "послуга", "services": "послуги", "sku": "артикул", "socialUrls": "соцмережі", "source": "джерело",
        "specializations": "спеціалізації", "staffId": "майстер (номер)", "startTime": "початок", "status": "стан",
        "strictHours": "лише робочий час", "telegram_id": "Telegram", "telegram_username": "ім'я в Telegram",
        "text": "текст", "timezone": "часовий пояс", "toCashRegister": "до каси", "toCashRegisterId": "до каси (номер)",
        "type": "вид", "unit": "одиниця", "website": "сайт",
        "workDays": "робочі дні", "workingHours": "робочі години",
    ]

    /// By the field's own name; one that is not there keeps that.
    static func fields(in language: Language) -> PostgresJSON {
        PostgresJSON(text: JSONValue.object(language == .ukrainian ? self.ukrainian : JSONObject()).text)
    }
}
