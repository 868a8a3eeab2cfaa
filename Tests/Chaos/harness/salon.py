"""The salon that is written to: its people, masters and price list, made before the first fault."""

from dataclasses import dataclass

from .rest import Line
from .processes import ChaosError
from .services import Postgres

PASSWORD = "a password of the harness"
MASTERS = 24
FIRST_DAY, DAYS = "2030-03-01", 30
DESKS = ("desk1@chaos.test", "desk2@chaos.test", "desk3@chaos.test")  # receptionists: they write, and read
MASTERS_WITH_LOGIN = ("master1@chaos.test", "master2@chaos.test")
OWNER = "owner@chaos.test"


@dataclass
class Salon:
    """The numbers that PostgreSQL gave to what was made."""

    id: int
    users: dict[str, int]
    staff: list[int]
    services: list[int]

    def topic(self, name: str, email: str) -> str:
        """A topic as the database names it."""
        return f"user/{self.users[email]}/notifications" if name == "notifications" else f"salon/{self.id}/{name}"


async def make(postgres: Postgres, port: int) -> Salon:
    """Registers the owner, who has a password; the others get the same one's hash."""
    owner = {
        "email": OWNER, "password": PASSWORD, "first_name": "Олена", "last_name": "Коваль", "phone": "+380 67 000 00 00",
        "salon_name": "Хаос",
    }  # fmt: skip
    answer = await Line(port).ask("POST", "/api/v1/auth/register", owner, seconds=30)
    if answer.status != 201:
        raise ChaosError(f"registering the owner: {answer.status} {answer.body}")
    others = [(email, "receptionist") for email in DESKS] + [(email, "master") for email in MASTERS_WITH_LOGIN]
    values = ", ".join(f"('{email}', '{role}')" for email, role in others)
    rows = await postgres.sql(
        f"""
        INSERT INTO users (salon_id, email, hashed_password, first_name, last_name, role)
            SELECT o.salon_id, w.email, o.hashed_password, 'Ірина', w.role, w.role
            FROM users o CROSS JOIN (VALUES {values}) AS w (email, role) WHERE o.email = '{OWNER}';
        INSERT INTO staff (salon_id, first_name, last_name)
            SELECT salon_id, 'Майстриня', 'N' || n FROM users, generate_series(1, {MASTERS}) AS n WHERE email = '{OWNER}';
        UPDATE staff SET user_id = u.id FROM users u
            WHERE u.email = 'master' || substr(staff.last_name, 2) || '@chaos.test' AND u.salon_id = staff.salon_id;
        INSERT INTO services (salon_id, name, category, price, duration)
            SELECT salon_id, w.name, 'hair', w.price, 30 FROM users,
                (VALUES ('Стрижка', 450), ('Фарбування', 1500.50), ('Манікюр', 380)) AS w (name, price) WHERE email = '{OWNER}';
        SELECT 'salon ' || salon_id FROM users WHERE email = '{OWNER}'
        UNION ALL SELECT 'user ' || id || ' ' || email FROM users
        UNION ALL (SELECT 'staff ' || id FROM staff ORDER BY id)
        UNION ALL (SELECT 'service ' || id FROM services ORDER BY id);
        """
    )
    words = [row.split(" ") for row in rows]
    return Salon(
        id=next(int(row[1]) for row in words if row[0] == "salon"),
        users={row[2]: int(row[1]) for row in words if row[0] == "user"},
        staff=[int(row[1]) for row in words if row[0] == "staff"],
        services=[int(row[1]) for row in words if row[0] == "service"],
    )
