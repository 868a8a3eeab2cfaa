"""Five requests of the REST contract as FastAPI and SQLAlchemy would have them: what adelante's are measured against.

The statements are those that adelante sends, and so are the events, notifications and audit entries. PostgreSQL makes the JSON of
rows, and it goes out as it comes.
"""
