"""A new visit: its master locked, its slot free, its client and services linked, and who is to know of it told."""

from decimal import Decimal
from typing import Any

from fastapi import HTTPException
from sqlalchemy import ARRAY, BigInteger, Text, TextClause, bindparam, text

from .auth import ROLES, CurrentUser
from .events import Outbox
from .schemas import NewAppointment

LIVE = {"scheduled", "confirmed", "arrived", "completed"}
TITLES = {"uk": "Новий запис", "en": "New booking"}

LOCK_TIMEOUT = text("SELECT set_config('lock_timeout', '3s', true)")
LOCK_STAFF = text("""
    SELECT id, is_active FROM staff WHERE salon_id = :salon AND id = ANY(:ids) ORDER BY id FOR NO KEY UPDATE
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)))
FIND_CLIENT = text("SELECT id FROM clients WHERE salon_id = :salon AND phone_key = :key AND deleted_at IS NULL FOR SHARE")
FIND_SERVICES = text("""
    SELECT w.position, s.id, s.name, s.price, s.duration::int8 AS duration
    FROM unnest(:ids, :names) WITH ORDINALITY AS w (id, name, position)
    JOIN LATERAL (
        SELECT * FROM services s WHERE s.salon_id = :salon
          AND CASE WHEN w.id IS NULL THEN s.deleted_at IS NULL AND search_key(s.name) = search_key(w.name)
                   ELSE s.id = w.id AND (s.deleted_at IS NULL OR EXISTS (
                       SELECT 1 FROM appointment_lines l
                       WHERE l.appointment_id = CAST(NULL AS int8) AND l.service_id = s.id)) END
        ORDER BY s.is_active DESC, s.id LIMIT 1 FOR SHARE
    ) AS s ON true
""").bindparams(bindparam("ids", type_=ARRAY(BigInteger)), bindparam("names", type_=ARRAY(Text)))
FIND_HOURS = text("""
    SELECT CASE WHEN x.date IS NULL
                THEN s.schedule -> (ARRAY['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])[extract(isodow FROM :date)::int] END AS day
    FROM staff s JOIN salons ON salons.id = s.salon_id
    LEFT JOIN staff_exceptions x ON x.staff_id = s.id AND x.date = :date
    WHERE s.salon_id = :salon AND s.id = :staff AND salons.strict_hours AND (s.schedule IS NOT NULL OR x.date IS NOT NULL)
""")
INSERT = text("""
    INSERT INTO appointments (salon_id, client_id, client_name, client_phone, staff_id, service_id, service_name, date,
        start_time, end_time, status, type, price, payment_method, notes, allow_overlap, created_by, completed_at, completed_by)
    VALUES (:salon, :client, :client_name, :phone, :staff, :service, :service_name, :date, :start, :end, :status, :type, :price, :payment, :notes,
        false, :user, CASE WHEN :completed THEN now() END, CASE WHEN :completed THEN CAST(:user AS int8) END)
    RETURNING id
""")
INSERT_LINES = text("""
    INSERT INTO appointment_lines (salon_id, appointment_id, position, service_id, name, price, duration)
    SELECT :salon, :id, w.position, w.service_id, w.name, w.price::numeric, w.duration
    FROM unnest(:services, :names, :prices, :durations) WITH ORDINALITY AS w (service_id, name, price, duration, position)
""").bindparams(
    bindparam("services", type_=ARRAY(BigInteger)), bindparam("names", type_=ARRAY(Text)), bindparam("prices", type_=ARRAY(Text)),
    bindparam("durations", type_=ARRAY(BigInteger)),
)  # fmt: skip
FIND_RECIPIENTS = text("""
    SELECT u.id, coalesce(u.language, s.language) AS language, u.role, rights.permissions
    FROM users u JOIN salons s ON s.id = u.salon_id
    LEFT JOIN role_permissions rights ON rights.salon_id = u.salon_id AND rights.role = u.role
    WHERE u.salon_id = :salon AND u.is_active AND u.id <> :user
      AND (u.role IN ('admin', 'manager', 'receptionist') OR u.id = ANY(:staff))
    ORDER BY u.id
""").bindparams(bindparam("staff", type_=ARRAY(BigInteger)))
NOTIFY = text("""
    INSERT INTO notifications (salon_id, user_id, type, title, message, link)
    SELECT :salon, w.user_id, w.type, w.title, w.message, :link
    FROM unnest(:users, :types, :titles, :messages) AS w (user_id, type, title, message)
    RETURNING id
""").bindparams(
    bindparam("users", type_=ARRAY(BigInteger)), bindparam("types", type_=ARRAY(Text)), bindparam("titles", type_=ARRAY(Text)),
    bindparam("messages", type_=ARRAY(Text)),
)  # fmt: skip
_by_projection: dict[str, tuple[TextClause, TextClause]] = {}


def statements(projection: str) -> tuple[TextClause, TextClause]:
    """The look for a visit in the way, and the new visit as everybody gets it."""
    if projection not in _by_projection:
        conflict = text(f"""
            SELECT ({projection})::jsonb::text AS body FROM appointments a
            WHERE a.salon_id = :salon AND a.staff_id = :staff AND a.live AND a.deleted_at IS NULL
              AND a.date BETWEEN CAST(:date AS date) - 1 AND CAST(:date AS date) + 1
              AND a.period && tsrange(CAST(:date AS date) + CAST(:start AS time),
                  CAST(:date AS date) + CAST(:end AS time) + CASE WHEN :overnight THEN interval '1 day' ELSE interval '0' END)
            ORDER BY a.date, a.start_time LIMIT 1
        """)
        read = text(f"""
            SELECT ({projection})::jsonb::text AS body, a.version, a.client_name, a.service_name, a.date::text AS date,
                   to_char(a.start_time, 'HH24:MI') AS start_time, to_char(a.end_time, 'HH24:MI') AS end_time,
                   trim(s.first_name || ' ' || s.last_name) AS staff_name, s.user_id AS staff_user_id
            FROM appointments a LEFT JOIN staff s ON s.id = a.staff_id
            WHERE a.salon_id = :salon AND a.id = :id
        """)
        _by_projection[projection] = (conflict, read)
    return _by_projection[projection]


async def create(outbox: Outbox, user: CurrentUser, visit: NewAppointment, projection: str) -> tuple[str, int]:
    connection, salon = outbox.connection, user.salon_id
    find_conflict, read = statements(projection)
    await connection.execute(LOCK_TIMEOUT)
    if visit.staff_id is not None:
        staff = (await connection.execute(LOCK_STAFF, {"salon": salon, "ids": [visit.staff_id]})).first()
        if staff is None or not staff.is_active:
            raise HTTPException(422, "there is no such active staff member")
    client = None
    if visit.phone_key:
        client = (await connection.execute(FIND_CLIENT, {"salon": salon, "key": visit.phone_key})).scalar()
    lines = await find_services(outbox, salon, visit)
    slot = {"salon": salon, "staff": visit.staff_id, "date": visit.date, "start": visit.start_time, "end": visit.end_time}
    if visit.staff_id is not None and visit.status in LIVE:
        overnight = visit.end_time <= visit.start_time
        conflict = (await connection.execute(find_conflict, {**slot, "overnight": overnight})).first()
        if conflict:
            raise HTTPException(409, "the slot is taken")
        hours = (await connection.execute(FIND_HOURS, {"date": visit.date, "salon": salon, "staff": visit.staff_id})).first()
        if hours:
            raise HTTPException(409, "outside working hours")
    id = (
        await connection.execute(
            INSERT,
            {
                **slot, "client": client, "client_name": visit.client_name or "", "phone": visit.phone,
                "service": lines[0]["id"] if lines else None, "service_name": visit.service, "status": visit.status, "type": visit.type,
                "price": visit.price, "payment": visit.payment_method, "notes": visit.notes, "user": user.id, "completed": visit.status == "completed",
            },  # fmt: skip
        )
    ).scalar_one()
    if lines:
        await connection.execute(
            INSERT_LINES,
            {
                "salon": salon, "id": id, "services": [line["id"] for line in lines], "names": [line["name"] for line in lines],
                "prices": [None if line["price"] is None else str(line["price"]) for line in lines],
                "durations": [line["duration"] for line in lines],
            },  # fmt: skip
        )
    made = (await connection.execute(read, {"salon": salon, "id": id})).one()
    notifications = await notify(outbox, user, id, made)
    name = ", ".join(part for part in (made.client_name, made.service_name) if part) or f"{made.date} {made.start_time}"
    await outbox.audit(user, "record", id, name, "created", {})
    topic = f"salon/{salon}/appointments"
    outbox.emit(topic, "appointment:created", made.body)
    if notifications:
        users, ids = notifications
        outbox.notifications = ids
        await outbox.lock([topic, *(f"user/{one}/notifications" for one in users)])
    return made.body, made.version


async def find_services(outbox: Outbox, salon: int, visit: NewAppointment) -> list[dict[str, Any]]:
    """The visit's lines; its price is split over those of the price list."""
    names = visit.services
    if not names:
        return []
    lines: list[dict[str, Any]] = [{"id": None, "name": name, "price": None, "duration": None, "list": Decimal(0)} for name in names]
    rows = await outbox.connection.execute(FIND_SERVICES, {"salon": salon, "ids": [None] * len(names), "names": names})
    for row in rows:
        lines[row.position - 1].update(id=row.id, duration=row.duration, list=row.price)
    if visit.price is None:
        return lines
    total = sum(line["list"] for line in lines)
    if len(lines) == 1 or not total:
        lines[0]["price"] = visit.price.quantize(Decimal("0.01"))
        return lines
    left = visit.price
    priced = [line for line in lines if line["list"]]
    for line in priced:
        line["price"] = left if line is priced[-1] else (visit.price * line["list"] / total).quantize(Decimal("0.01"), "ROUND_DOWN")
        left -= line["price"]
    return lines


async def notify(outbox: Outbox, user: CurrentUser, id: int, made: Any) -> tuple[list[int], list[int]] | None:
    staff = [] if made.staff_user_id is None else [made.staff_user_id]
    rows = await outbox.connection.execute(FIND_RECIPIENTS, {"salon": user.salon_id, "user": user.id, "staff": staff})
    readers = [
        row for row in rows if "calendar.view" in (ROLES.get(row.role, set()) if row.permissions is None else row.permissions)
    ]
    if not readers:
        return None
    what = ", ".join(part for part in (made.client_name, made.service_name) if part)
    day = ".".join(reversed(made.date.split("-")))
    message = f"{what + ': ' if what else ''}{day} {made.start_time}–{made.end_time}"
    if made.staff_name:
        message += f" ({made.staff_name})"
    users = [reader.id for reader in readers]
    ids = await outbox.connection.execute(
        NOTIFY,
        {
            "salon": user.salon_id, "link": f"/appointments/{id}?date={made.date}", "users": users, "types": ["info"] * len(users),
            "titles": [TITLES[reader.language] for reader in readers], "messages": [message] * len(users),
        },  # fmt: skip
    )
    return users, list(ids.scalars())
