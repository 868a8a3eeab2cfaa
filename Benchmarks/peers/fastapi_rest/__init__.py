"""Five requests of the REST contract as FastAPI and SQLAlchemy would have them: what adelante's are measured against.

The statements are those that adelante sends, and so are the events, notifications and audit entries. PostgreSQL makes the JSON of
rows; answers.py says what becomes of it.
"""
