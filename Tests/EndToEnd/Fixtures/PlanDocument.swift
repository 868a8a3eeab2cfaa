import Foundation

/// Protocol/query-plans.md: how each table is read for each hot route. `scripts/plans` writes it anew.
struct PlanDocument {
    private static let introduction = """
        # Query plans

        How PostgreSQL reads each table for the routes that people look at all day. Written by `scripts/plans`: a node answers each route
        eight times on a database with six salons, each with a year behind it (10 staff, 40 services, 3,000 clients, 15,000 visits,
        20,000 operations), and the server writes down the plan of every statement that the node really sends (auto_explain).
        `QueryPlanTests` takes the same plans and fails if a table with more than a thousand rows is read from end to end.

        A line is a table with its alias, how it is read and by which index; what is further in is read for each row of what is above
        it, or for a part of the statement of its own. Small tables (a salon's staff, say) may be read from end to end: that is the
        quickest way.
        """

    private static let session = "SELECT u.salon_id, u.role"
    private var sections = ""
    private var sessionPlan: [String] = []

    /// - Parameter runs: how often the route was asked: what was sent less often is the node's own business
    mutating func add(_ title: String, path: String, _ plans: [QueryPlan], runs: Int) {
        var statements: [String] = []
        for plan in plans where !statements.contains(plan.statement) { statements.append(plan.statement) }
        self.sections += "\n\n## \(title.prefix(1).uppercased())\(title.dropFirst())\n\n`GET \(Self.general(path))`\n"
        for statement in statements {
            let same = plans.filter { $0.statement == statement }
            guard same.count >= runs, let last = same.last else { continue }
            if statement.hasPrefix(Self.session) {
                self.sessionPlan = last.summary
            } else {
                self.sections += "\n\(Self.block(last.summary))"
            }
        }
    }

    /// To the file that the environment names, if it names one.
    func writeIfWanted() throws {
        guard let path = ProcessInfo.processInfo.environment["QUERY_PLANS"] else { return }
        let session = "\n\n## The session of every request\n\n\(Self.block(self.sessionPlan))"
        let text = Self.introduction + session + self.sections + "\n"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    private static func block(_ lines: [String]) -> String {
        "```\n\(lines.joined(separator: "\n"))\n```"
    }

    /// A path without the day on which it was asked.
    private static func general(_ path: String) -> String {
        let parts = path.removingPercentEncoding ?? path
        return parts.replacing(#/\d{4}-\d\d-\d\d/#, with: "…").replacing(#/\/\d+/#, with: "/{id}").replacing(
            #/Id=\d+/#,
            with: "Id=…"
        )
    }
}
