import Testing

@testable import Hub

/// The rules of `seq`, of reading gaps and of anti-entropy, checked by trying everything: around the real sequencer stand small models
/// of PostgreSQL and of Redis, and every order is tried in which two writers begin, take the head, commit or roll back, in which
/// publications arrive, arrive twice, overtake each other or are lost, in which questions are answered, late and not at all, in which
/// anti-entropy looks, and in which the epoch is renewed.
@Suite("In every order of everything, each node hands on each event once, in order, and in the end all of them")
struct IngestModelTests {
    private static let renewal = ModelBudget(transactions: [1, 1], renewals: 1)
    private static let joining = ModelBudget(transactions: [1, 1], joining: true)

    /// What may happen, and how many worlds there are at least.
    static let budgets: [(name: String, budget: ModelBudget, worlds: Int)] = [
        ("three commits of two writers", ModelBudget(transactions: [2, 1]), 12_000),
        (
            "a rollback, a repetition, a failed answer",
            ModelBudget(transactions: [1, 1], rollbacks: 1, repetitions: 1, failures: 1), 4_000
        ),
        ("two writers, two nodes", ModelBudget(nodes: 2, transactions: [1, 1]), 50_000),
        ("a node that joins meanwhile", joining, 1_500),
        ("a renewed epoch, with or without a restored backup", renewal, 40_000),
        ("a renewed epoch while a node joins", ModelBudget(transactions: [1], renewals: 1, joining: true), 1_000),
    ]

    @Test("as it is", arguments: budgets)
    func holds(name: String, budget: ModelBudget, worlds: Int) {
        let search = ModelSearch(ModelWorld(budget))
        print("model, \(name): \(search.worlds) worlds, \(search.ends) of them ends")
        #expect(search.fault == nil)
        #expect(search.worlds >= worlds)
        #expect(search.ends > 0)
    }

    @Test("each rule that is broken on purpose is found", arguments: ModelMutant.allCases)
    func mutants(_ mutant: ModelMutant) throws {
        let budget =
            switch mutant {
            case .duplicateAccepted, .pageBelieved, .watermarkAfterQuery, .watermarkBehindNewest:
                ModelBudget(transactions: [1, 1])
            case .epochIgnored, .renewalIgnored, .headUnheeded: Self.renewal
            case .earlyThrownAway, .announcementForgotten: Self.joining
            }
        let search = ModelSearch(ModelWorld(budget, mutant: mutant))
        let fault = try #require(search.fault, "not found in \(search.worlds) worlds")
        print("model, \(mutant): found after \(search.worlds) worlds: \(fault)")
    }
}
