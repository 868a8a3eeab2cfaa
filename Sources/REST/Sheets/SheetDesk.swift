import NIOPosix
import Spreadsheet

/// Where workbooks are made and read: few at once, since each keeps a connection or a processor busy, and on threads that may
/// block.
final class SheetDesk: Sendable {
    private let places = Places(4)
    /// Those that are made and not fetched yet.
    let downloads = Downloads()

    /// Does a workbook's work, if there is room.
    ///
    /// - Throws: 503 if there is none, and what the work throws
    func work<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        guard self.places.take() else { throw APIError(.unavailable, retryAfter: 3) }
        defer { self.places.giveBack() }
        do {
            return try await body()
        } catch let error as SpreadsheetError {
            throw try APIError(error)
        }
    }

    /// Runs what blocks or computes for long.
    static func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await NIOThreadPool.singleton.runIfActive(body)
    }
}

extension APIError {
    /// Why a workbook is refused, for whoever sent it. What is our own fault goes on as it is, to be logged.
    init(_ error: SpreadsheetError) throws(SpreadsheetError) {
        let text: LocalizedText
        switch error.code {
        case .notAWorkbook:
            text = LocalizedText("is no .xlsx workbook", "не є книгою .xlsx")
        case .oldFormat:
            text = LocalizedText(
                "is an old .xls workbook, or has a password: save it as .xlsx without one",
                "є старою книгою .xls або має пароль: збережіть її як .xlsx без пароля"
            )
        case .encrypted:
            text = LocalizedText("has a password: save it without one", "має пароль: збережіть файл без пароля")
        case .macros:
            text = LocalizedText("has macros: save it as .xlsx", "містить макроси: збережіть файл як .xlsx")
        case .broken:
            text = LocalizedText("is damaged", "пошкоджено")
        case .bomb:
            text = LocalizedText("is packed too tightly to be real", "стиснуто так, як не буває зі справжніми книгами")
        case .entities:
            text = LocalizedText("declares entities in its XML", "оголошує сутності у своєму XML")
        case .paths:
            text = LocalizedText(
                "holds files whose names lead out of it, or are there twice",
                "містить файли, чиї назви ведуть назовні або повторюються"
            )
        case .hostile:
            text = LocalizedText("holds what no spreadsheet program writes", "містить те, чого не пише жодна програма таблиць")
        case .tooLarge:
            text = LocalizedText("is too large inside", "завеликий усередині")
        case .tooManyRows:
            text = LocalizedText("has more than 100 000 rows: split it", "має понад 100 000 рядків: поділіть його")
        case .sheetFull:
            // Nobody has sent a file here.
            let most = SheetLimits.sheetRows - 1
            self.init(
                .validation,
                message: LocalizedText(
                    "There are more than \(most) rows, which is all that a sheet holds: ask for fewer",
                    "Рядків понад \(most), а більше аркуш не вміщує: оберіть менше"
                )
            )
            return
        case .noSheet:
            text = LocalizedText("has no rows", "не має рядків")
        default:
            throw error
        }
        let isUnsupported: Set<SpreadsheetError.Code> = [.notAWorkbook, .oldFormat, .encrypted, .macros]
        self.init(isUnsupported.contains(error.code) ? .unsupportedFile : .validation, fields: ["file": text])
    }
}
