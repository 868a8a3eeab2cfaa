-- Takings are what the dashboard is made of too, so they say by which method they were paid. Completed visits that cost something and
-- have no operation are of a time before there were operations, and are marked here for good: whoever sums up a month of others has
-- not to look for the operation of each of them.
UPDATE appointments a SET precedes_operations = true
WHERE a.status = 'completed' AND a.price > 0 AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.appointment_id = a.id);
CREATE INDEX appointments_before_operations ON appointments (salon_id, date) WHERE precedes_operations;
CREATE INDEX appointments_before_operations_client ON appointments (salon_id, client_id, date)
    WHERE precedes_operations AND client_id IS NOT NULL;
ANALYZE appointments (precedes_operations);

-- That an operation is completed and there is said to revenue_effect as it is, so that sums of days are read from
-- operations_sums alone.
CREATE OR REPLACE VIEW takings AS
SELECT o.salon_id, o.date, o.client_id, o.staff_id, o.appointment_id,
       revenue_effect(o.type, 'completed', NULL, o.amount) AS amount, o.payment_method_id, o.payment_method_name
FROM operations o
WHERE o.deleted_at IS NULL AND o.status = 'completed' AND o.type IN ('payment', 'income', 'refund')
UNION ALL
-- How they were paid for is not looked at: that is words, of no method for certain. One that has been completed anew has an operation.
SELECT a.salon_id, a.date, a.client_id, a.staff_id, a.id, a.price, NULL, ''
FROM appointments a
WHERE a.precedes_operations AND a.deleted_at IS NULL AND a.status = 'completed' AND a.price > 0
  AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.appointment_id = a.id AND o.appointment_id IS NOT NULL);
