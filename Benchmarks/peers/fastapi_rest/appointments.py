"""The calendar: a day's list, one visit, a new one."""

import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Response
from sqlalchemy import text

from . import answers, booking, listing
from .auth import CurrentUser, allowed
from .database import Reader, engine
from .events import Outbox
from .schemas import NewAppointment

router = APIRouter()


LINE = listing.json_text({"serviceId": "l.service_id", "name": "l.name", "price": "trim_scale(l.price)", "duration": "l.duration"})
LINES = f"""
    (SELECT coalesce('[' || string_agg({LINE}, ',' ORDER BY l.position) || ']', '[]')
     FROM appointment_lines l WHERE l.appointment_id = a.id)::json
"""


def projection(phones: bool) -> str:
    return listing.json_text(
        {
            "id": "a.id", "clientId": "a.client_id", "clientName": "a.client_name",
            "clientPhone": "a.client_phone" if phones else "NULL::text",
            "serviceId": "a.service_id", "serviceName": "a.service_name", "service": "a.service_name", "services": LINES,
            "staffId": "coalesce(to_json(a.staff_id), 'null')",
            "staffName": "(SELECT trim(s.first_name || ' ' || s.last_name) FROM staff s WHERE s.id = a.staff_id)",
            "date": "a.date", "startTime": "to_char(a.start_time, 'HH24:MI')", "endTime": "to_char(a.end_time, 'HH24:MI')",
            "status": "a.status", "type": "a.type", "price": "trim_scale(a.price)", "paymentMethod": "a.payment_method",
            "notes": "a.notes", "allowOverlap": "CASE WHEN a.allow_overlap THEN true END", "version": "a.version",
            "createdAt": "iso8601(a.created_at)", "updatedAt": "iso8601(a.updated_at)",
        }  # fmt: skip
    )


PROJECTIONS = {phones: projection(phones) for phones in (True, False)}
GET = {
    phones: text(f"""
        SELECT {shape} AS body, a.version FROM appointments a
        WHERE a.salon_id = :salon AND a.id = :id AND a.deleted_at IS NULL
    """)
    for phones, shape in PROJECTIONS.items()
}


@router.get("/appointments")
async def list_appointments(
    user: Annotated[CurrentUser, allowed("calendar.view")],
    connection: Reader,
    page: listing.Paged,
    date: datetime.date | None = None,
    date_from: Annotated[datetime.date | None, Query(alias="dateFrom")] = None,
    date_to: Annotated[datetime.date | None, Query(alias="dateTo")] = None,
    staff_id: Annotated[int | None, Query(alias="staffId")] = None,
    status: str | None = None,
) -> Response:
    values: dict[str, Any] = {"salon": user.salon_id, "topic": f"salon/{user.salon_id}/appointments", **page.values}
    condition = ""
    for name, clause, value in (
        ("from", " AND a.date >= :from", date or date_from),
        ("to", " AND a.date <= :to", date or date_to),
        ("staff", " AND a.staff_id = :staff", staff_id),
        ("status", " AND a.status = :status", status),
    ):
        if value is not None:
            condition += clause
            values[name] = value
    matching = f"""
        SELECT a.id, row_number() OVER (ORDER BY a.date, a.start_time, a.id) AS place FROM appointments a
        WHERE a.salon_id = :salon AND a.deleted_at IS NULL{condition}
    """
    query = listing.statement(matching, "appointments a", "a.salon_id = :salon", PROJECTIONS[user.sees_phones], page.clause)
    return await listing.answer(connection, query, values)


@router.get("/appointments/{id}")
async def get_appointment(id: int, user: Annotated[CurrentUser, allowed("calendar.view")], connection: Reader) -> Response:
    row = (await connection.execute(GET[user.sees_phones], {"salon": user.salon_id, "id": id})).first()
    if row is None:
        raise HTTPException(404, "Not found")
    return answers.rows(row.body, headers={"ETag": f'"{row.version}"'})


@router.post("/appointments")
async def create_appointment(visit: NewAppointment, user: Annotated[CurrentUser, allowed("calendar.create", writes=True)]) -> Response:
    async with engine.begin() as connection:
        outbox = Outbox(connection)
        body, version = await booking.create(outbox, user, visit, PROJECTIONS[True])
        await outbox.record()
    await outbox.publish()
    return answers.rows(body, 201, {"ETag": f'"{version}"'})
