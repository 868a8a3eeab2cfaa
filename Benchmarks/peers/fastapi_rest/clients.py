"""The salon's clients."""

from typing import Annotated

from fastapi import APIRouter, Response

from . import listing
from .auth import CurrentUser, allowed
from .database import Reader

router = APIRouter()

SOURCE = """
    (SELECT k.*, visits.total_visits, visits.first_visit, visits.last_visit, takings.total_spent,
            CASE WHEN visits.last_visit < (now() AT TIME ZONE salon.timezone)::date - 90 THEN 'lost'
                 WHEN visits.total_visits >= 2 THEN 'repeat' ELSE 'new' END AS segment
     FROM clients k JOIN salons salon ON salon.id = k.salon_id
     CROSS JOIN LATERAL (
        SELECT count(*) AS total_visits, min(a.date) AS first_visit, max(a.date) AS last_visit
        FROM appointments a
        WHERE a.salon_id = k.salon_id AND a.client_id = k.id AND a.deleted_at IS NULL AND a.status = 'completed'
     ) AS visits
     CROSS JOIN LATERAL (
        SELECT coalesce(sum(t.amount), 0) AS total_spent FROM takings t
        WHERE t.salon_id = k.salon_id AND t.client_id = k.id
     ) AS takings) AS c
"""


def projection(phones: bool) -> str:
    return listing.json_text(
        {
            "id": "c.id", "firstName": "c.first_name", "lastName": "c.last_name", "middleName": "c.middle_name",
            "phone": "c.phone" if phones else "''::text", "email": "c.email", "birthDate": "c.birth_date",
            "cardNumber": "c.card_number", "segment": "c.segment", "gender": "c.gender", "source": "c.source", "notes": "c.notes",
            "discount": "trim_scale(c.discount)", "bonusBalance": "trim_scale(c.bonus_balance)", "totalVisits": "c.total_visits",
            "totalSpent": "trim_scale(c.total_spent)", "firstVisit": "iso8601(c.first_visit::timestamp AT TIME ZONE 'UTC')",
            "lastVisit": "c.last_visit", "visits": "'[]'::json", "createdAt": "iso8601(c.created_at)",
            "updatedAt": "iso8601(c.updated_at)",
        }  # fmt: skip
    )


PROJECTIONS = {phones: projection(phones) for phones in (True, False)}


def search_condition(search: str, phones: bool) -> tuple[str, str]:
    """A number is looked for among digits, anything else in name, phone and e-mail."""
    digits = "".join(character for character in search if character.isascii() and character.isdigit())
    is_number = len(digits) >= 3 and not any(character.isalpha() for character in search)
    pattern = "%" + (digits if is_number else search.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")) + "%"
    if is_number:
        return (" AND c.search LIKE :pattern" if phones else " AND false"), pattern
    if phones:
        return " AND c.search LIKE search_key(:pattern)", pattern
    names = "search_key(c.first_name || ' ' || c.last_name || ' ' || c.first_name)"
    return f" AND c.search LIKE search_key(:pattern) AND {names} LIKE search_key(:pattern)", pattern


@router.get("/clients")
async def list_clients(
    user: Annotated[CurrentUser, allowed("clients.view")],
    connection: Reader,
    page: listing.Paged,
    search: str = "",
) -> Response:
    values = {"salon": user.salon_id, "topic": f"salon/{user.salon_id}/clients", **page.values}
    condition = ""
    if search:
        condition, values["pattern"] = search_condition(search, user.sees_phones)
    matching = f"""
        SELECT c.id, row_number() OVER (ORDER BY c.first_name COLLATE ukrainian, c.last_name COLLATE ukrainian, c.id) AS place
        FROM clients c WHERE c.salon_id = :salon AND c.deleted_at IS NULL AND (true{condition})
    """
    query = listing.statement(matching, SOURCE, "c.salon_id = :salon", PROJECTIONS[user.sees_phones], page.clause)
    return await listing.answer(connection, query, values)
