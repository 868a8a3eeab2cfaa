import JSON
import Logging
import Outbox
import Postgres
import Spreadsheet

/// How a kind of row comes in by workbooks: through the same validation and the same ``Resource`` as by the API, each with its
/// audit entry and its event.
struct SheetImport<Input: RowInput>: Sendable {
    let resource: Resource<Input>
    let fields: [SheetField]
    /// The field without whose heading nothing can be read.
    let required: String
    /// What may stand in its place.
    var compound: SheetCompound?
    /// The field that tells rows apart: a second one of the same key is skipped.
    let key: String
    let keyOf: @Sendable (Input) -> String?
    /// Whether a row of the salon has the key `given.key`.
    let isTaken: @Sendable (Int64) -> SQL

    /// Reads the form's file and answers for every row in it.
    ///
    /// The file is read to its end once before its first row is written: one that is damaged or too long changes nothing. Rows
    /// are committed two hundred at a time, so that nobody waits long for the topic; who leaves, or is no longer who they were,
    /// stops it between two commits.
    func answer(_ call: Call) async throws -> Answer {
        let user = try call.user
        return try await call.backend.sheets.work {
            let (reader, headings) = try await SheetDesk.blocking { try self.open(try call.file()) }
            var run = SheetImportRun(self, call, user)
            while let rows = try await SheetDesk.blocking({ try Self.read(reader, headings) }) {
                try await run.take(rows)
            }
            let done = run
            return try await SheetDesk.blocking { .json(done.report) }
        }
    }

    /// Reads the file once, and finds its headings.
    private func open(_ file: [UInt8]) throws -> (WorkbookReader, SheetHeadings) {
        let reader = try WorkbookReader(file)
        let opening = try reader.opening()
        let headings = try SheetHeadings(opening, self.fields, required: self.required, compound: self.compound)
        let above = opening.rows.count { $0.number <= headings.row }
        guard opening.count - above <= SheetLimits().rows else { throw SpreadsheetError.tooManyRows }
        return (reader, headings)
    }

    /// Reads and checks the next rows; both take their time.
    private static func read(_ reader: WorkbookReader, _ headings: SheetHeadings) throws -> [SheetImportRun<Input>.Row]? {
        try reader.next(atLeast: SheetImportRun<Input>.portion)?.filter { $0.number > headings.row }.map { row in
            let input = Result { () throws(APIError) in try Input(try headings.object(row), creating: true) }
            return .init(number: row.number, input: input)
        }
    }
}

/// One import on its way.
struct SheetImportRun<Input: RowInput>: Sendable {
    /// Rows of one commit.
    static var portion: Int { 200 }

    /// A row that was read, as a body of the API or as what is wrong with it.
    struct Row: Sendable {
        let number: Int
        let input: Result<Input, APIError>
    }

    private struct Candidate: Sendable {
        let row: Int
        let input: Input
        let key: String?
    }

    private let kind: SheetImport<Input>
    private let call: Call
    private let user: CurrentUser
    private var imported: Int64 = 0
    private var failures: [(row: Int, text: String)] = []
    /// Where each key stood first.
    private var seen: [String: Int] = [:]
    /// What stopped it, for the rows behind.
    private var interruption: APIError?

    init(_ kind: SheetImport<Input>, _ call: Call, _ user: CurrentUser) {
        (self.kind, self.call, self.user) = (kind, call, user)
    }

    /// `{imported, failed, errors: [{row, error}]}`, by rows.
    var report: JSONValue {
        let errors = self.failures.sorted { $0.row < $1.row }.map { failure -> JSONValue in
            ["row": JSONValue(Int64(failure.row)), "error": .string(failure.text)]
        }
        return ["imported": JSONValue(self.imported), "failed": JSONValue(Int64(errors.count)), "errors": .array(errors)]
    }

    mutating func take(_ rows: [Row]) async throws {
        for start in stride(from: 0, to: rows.count, by: Self.portion) {
            let portion = rows[start..<min(start + Self.portion, rows.count)]
            if let interruption = self.interruption {
                for row in portion { self.fail(row.number, interruption) }
                continue
            }
            try await self.call.checkClient()
            try await self.write(portion.compactMap { self.candidate($0) })
        }
    }

    // MARK: one row

    private mutating func candidate(_ row: Row) -> Candidate? {
        let input: Input
        do throws(APIError) {
            input = try row.input.get()
        } catch {
            self.fail(row.number, error)
            return nil
        }
        let key = self.kind.keyOf(input)
        if let key {
            if let first = self.seen[key] {
                self.fail(row.number, self.duplicate("is the same as in row \(first)", "те саме, що й у рядку \(first)"))
                return nil
            }
            self.seen[key] = row.number
        }
        return Candidate(row: row.number, input: input, key: key)
    }

    private func duplicate(_ english: String, _ ukrainian: String) -> APIError {
        .invalid(self.kind.key, LocalizedText(english, ukrainian))
    }

    private mutating func fail(_ row: Int, _ error: APIError) {
        let language = self.call.language
        let fields = self.kind.fields + (self.kind.compound.map { [$0.field] } ?? [])
        let texts = fields.compactMap { field in
            error.fields[field.name].map { "\(field.heading): \($0.text(in: language))" }
        }
        let text =
            texts.isEmpty ? error.message?.text(in: language) ?? error.code.message(in: language) : texts.joined(separator: "; ")
        self.failures.append((row, text))
    }

    // MARK: writing

    /// Writes rows in one transaction or, where one of them is refused, each in its own.
    private mutating func write(_ candidates: [Candidate]) async throws {
        guard !candidates.isEmpty else { return }
        if let interruption = self.interruption {
            for candidate in candidates { self.fail(candidate.row, interruption) }
            return
        }
        do {
            let taken = try await self.commit(candidates)
            for candidate in candidates {
                if let key = candidate.key, taken.contains(key) {
                    self.fail(candidate.row, self.duplicate("is in the list already", "вже є у списку"))
                } else {
                    self.imported += 1
                }
            }
        } catch {
            guard let refusal = self.refusal(error) else {
                let interruption = ImportInterruption(error)
                // With nothing written the request has failed as a whole.
                guard self.imported > 0, !(error is CancellationError) else { throw interruption.whole }
                self.call.logger.error("an import was interrupted", metadata: ["error": "\(error)"])
                self.interruption = interruption.following
                for candidate in candidates { self.fail(candidate.row, interruption.concerned) }
                return
            }
            guard candidates.count > 1 else { return self.fail(candidates[0].row, refusal) }
            for candidate in candidates { try await self.write([candidate]) }
        }
    }

    /// What a row is to blame for.
    private func refusal(_ error: any Error) -> APIError? {
        switch error {
        case let error as APIError where (400..<500).contains(error.code.status): error
        case let error as PostgresError: error.constraint.flatMap { self.kind.resource.refusals[$0] }
        default: nil
        }
    }

    /// - Returns: the keys that the salon has already; their rows are left out
    private func commit(_ candidates: [Candidate]) async throws -> Set<String> {
        let (kind, user, call) = (self.kind, self.user, self.call)
        let keys = candidates.compactMap(\.key)
        return try await call.backend.outbox.transaction { unit in
            try await call.checkCaller(unit)
            let rows = try await unit.query(
                "SELECT given.key FROM unnest(\(keys)::text[]) AS given (key) WHERE \(kind.isTaken(user.salonID))"
            )
            let taken = Set(try rows.map { try $0.get("key", as: String.self) })
            let new = candidates.filter { candidate in !(candidate.key.map(taken.contains) ?? false) }
            try await kind.resource.create(unit, by: user, all: new.map(\.input))
            return taken
        }
    }
}
