import Desks

extension AppointmentCommands {
    /// What another desk is booking just now.
    ///
    /// - Parameter passes: whether an overlap is wanted
    func takeHeldSlot(_ time: VisitTime, passes: Bool) throws(APIError) {
        guard time.isTaken, let staffID = time.staffID, let held else { return }
        guard let slot = Slot(staffID: staffID, date: time.date, startTime: time.start.text, endTime: time.end.text) else {
            return
        }
        try held.take(slot, passes: passes, in: self.unit)
    }
}
