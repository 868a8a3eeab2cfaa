extension RouteTable {
    /// Every route of the server.
    public static func all() -> RouteTable {
        var table = RouteTable()
        table.addAuth()
        table.addTelegram()
        table.addUsers()
        table.addAppointments()
        table.addNotifications()
        table.addStaff()
        table.addServices()
        table.addClients()
        table.addFinances()
        table.addInventory()
        table.addReports()
        table.addOverview()
        table.addSettings()
        table.addEvents()
        return table
    }
}
