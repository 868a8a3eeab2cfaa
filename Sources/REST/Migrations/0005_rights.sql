-- What people may change themselves: what their roles may do, their own profile, days off; and who is told of accounts.

-- What a role may do in a salon, once somebody has changed it: `<module>.<verb>`, and words that only clients know.
-- A role without a row may do what the program's own matrix says.
CREATE TABLE role_permissions (
    salon_id    bigint NOT NULL REFERENCES salons (id) ON DELETE CASCADE,
    role        text NOT NULL CHECK (role IN ('admin', 'manager', 'master', 'receptionist')),
    permissions text[] NOT NULL,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (salon_id, role)
);

-- birthDate, address, emergencyContact, emergencyPhone, preferences: the owner's own business.
ALTER TABLE users ADD COLUMN profile jsonb NOT NULL DEFAULT '{}';

-- Days on which a member does not work although the base week says so.
CREATE TABLE staff_exceptions (
    salon_id bigint NOT NULL,
    staff_id bigint NOT NULL,
    date     date NOT NULL,
    type     text NOT NULL CHECK (type IN ('vacation', 'sick', 'dayoff')),
    reason   text,
    PRIMARY KEY (staff_id, date),
    FOREIGN KEY (salon_id, staff_id) REFERENCES staff (salon_id, id) ON DELETE CASCADE
);

-- The topic of a salon's accounts, for salons that are there and for those that come.
INSERT INTO topic_heads (topic) SELECT 'salon/' || id || '/users' FROM salons;
CREATE OR REPLACE FUNCTION create_salon_topics() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO topic_heads (topic)
    SELECT 'salon/' || NEW.id || '/' || name
    FROM unnest(ARRAY['access', 'appointments', 'clients', 'staff', 'services', 'inventory', 'finances', 'settings', 'users'])
        AS name;
    RETURN NEW;
END $$;
