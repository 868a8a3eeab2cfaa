import Desks

extension AppointmentCommands {
    /// What another desk is booking just now, unless an overlap is wanted.
    func takeHeldSlot(_ draft: AppointmentRepository.Draft) throws(APIError) {
        guard Self.live.contains(draft.status) else { return }
        try self.takeHeldSlot(draft.staffID, draft.date, draft.start, draft.end, passes: draft.allowOverlap)
    }

    func takeHeldSlot(
        _ staffID: Int64?,
        _ date: String,
        _ start: LocalTime,
        _ end: LocalTime,
        passes: Bool
    ) throws(APIError) {
        guard let staffID, let held else { return }
        guard let slot = Slot(staffID: staffID, date: date, startTime: start.text, endTime: end.text) else { return }
        try held.take(slot, passes: passes, in: self.unit)
    }
}
