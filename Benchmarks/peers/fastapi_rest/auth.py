"""Who calls: a token that is good, and a session that lives."""

from dataclasses import dataclass
from typing import Annotated

import jwt
from fastapi import Depends, HTTPException, Request
from sqlalchemy import text

from .database import Reader, reads
from .settings import SECRET_KEY

FIND_USER = text("""
    SELECT u.salon_id, u.role, u.first_name, u.last_name, u.email, u.is_active, coalesce(u.language, salon.language) AS language,
           s.ended_at IS NULL AND s.expires_at > now() AS lives, rights.permissions
    FROM users u JOIN salons salon ON salon.id = u.salon_id
    LEFT JOIN role_permissions rights ON rights.salon_id = u.salon_id AND rights.role = u.role
    LEFT JOIN sessions s ON s.id = :session AND s.user_id = u.id
    WHERE u.id = :user
""")

# What a role may do unless its salon says otherwise.
ROLES = {
    "admin": {"calendar.view", "calendar.create", "clients.view", "finances.view"},
    "manager": {"calendar.view", "calendar.create", "clients.view", "finances.view"},
    "receptionist": {"calendar.view", "calendar.create", "clients.view", "finances.view"},
    "master": {"calendar.view", "clients.view"},
}


@dataclass(slots=True)
class CurrentUser:
    id: int
    salon_id: int
    role: str
    name: str
    permissions: set[str]

    @property
    def sees_phones(self) -> bool:
        return self.role != "master"


async def current_user(request: Request, connection: Reader) -> CurrentUser:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise HTTPException(401, "Could not validate credentials")
    try:
        claims = jwt.decode(token, SECRET_KEY, algorithms=["HS256"], options={"require": ["exp", "sub", "sid", "type"]})
    except jwt.InvalidTokenError as error:
        raise HTTPException(401, "Could not validate credentials") from error
    if claims["type"] != "access":
        raise HTTPException(401, "Invalid token type")
    row = (await connection.execute(FIND_USER, {"session": int(claims["sid"]), "user": int(claims["sub"])})).first()
    if row is None:
        raise HTTPException(404, "User not found")
    if not row.lives:
        raise HTTPException(401, "Could not validate credentials")
    if not row.is_active:
        raise HTTPException(403, "User is inactive")
    return CurrentUser(
        id=int(claims["sub"]),
        salon_id=row.salon_id,
        role=row.role,
        name=f"{row.first_name} {row.last_name}".strip() or row.email,
        permissions=ROLES.get(row.role, set()) if row.permissions is None else set(row.permissions),
    )


async def writing_user(request: Request) -> CurrentUser:
    """For requests that take a connection of their own afterwards: nobody may hold one and wait for another."""
    async with reads.connect() as connection:
        return await current_user(request, connection)


def allowed(permission: str, *, writes: bool = False):
    """A dependency: the caller, who may do this."""
    who = writing_user if writes else current_user

    async def check(user: Annotated[CurrentUser, Depends(who)]) -> CurrentUser:
        if permission not in user.permissions:
            raise HTTPException(403, "Not enough permissions")
        return user

    return Depends(check)
