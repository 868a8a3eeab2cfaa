"""What the environment says."""

import os

DATABASE_URL = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://", 1)
REDIS_URL = os.environ["REDIS_URL"]
SECRET_KEY = os.environ["SECRET_KEY"]
# Connections of one worker: all workers together have as many as a node of adelante.
POOL_SIZE = int(os.environ.get("POOL_SIZE", "4"))
# Whether rows go out as the JSON that PostgreSQL made of them, unread, or are objects here that ORJSON encodes.
HANDS_ON = os.environ.get("ROWS", "objects") == "handed-on"
ORIGINS = os.environ.get("ALLOWED_ORIGINS", "http://localhost:3000").split(",")
