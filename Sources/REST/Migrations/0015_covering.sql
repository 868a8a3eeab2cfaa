-- What the dashboard sums up, so that indexes alone answer: visits that took place, their lines, and what was spent.
CREATE INDEX appointments_done ON appointments (salon_id, date) INCLUDE (id)
    WHERE deleted_at IS NULL AND status = 'completed';

DROP INDEX appointment_lines_visit;
CREATE INDEX appointment_lines_visit ON appointment_lines (salon_id, appointment_id)
    INCLUDE (position, service_id, name, price, duration);

CREATE INDEX operations_expenses ON operations (salon_id, date) INCLUDE (category, amount)
    WHERE deleted_at IS NULL AND status = 'completed' AND type = 'expense';
