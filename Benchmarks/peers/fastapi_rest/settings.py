"""What the environment says."""

import os

DATABASE_URL = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://", 1)
REDIS_URL = os.environ["REDIS_URL"]
SECRET_KEY = os.environ["SECRET_KEY"]
# Connections of one worker: all workers together have as many as a node of adelante.
POOL_SIZE = int(os.environ.get("POOL_SIZE", "4"))
ORIGINS = os.environ.get("ALLOWED_ORIGINS", "http://localhost:3000").split(",")
