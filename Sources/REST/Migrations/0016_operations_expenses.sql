-- What was spent, by category. A file of its own, so that no table is locked for longer than its own index takes.
CREATE INDEX operations_expenses ON operations (salon_id, date) INCLUDE (category, amount)
    WHERE deleted_at IS NULL AND status = 'completed' AND type = 'expense';
