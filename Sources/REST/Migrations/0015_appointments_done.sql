-- Visits that took place, of which the dashboard counts the services: found without reading the visits.
CREATE INDEX appointments_done ON appointments (salon_id, date) INCLUDE (id)
    WHERE deleted_at IS NULL AND status = 'completed';
