"""The SQL of the state: each statement has a name and stands beside those on the same tables.

What SQLite and PostgreSQL say differently is in ``sqlite.py`` and ``postgres.py``, and is reached as
``engine.statements``. Only migrations stand elsewhere (``database/schema.py``).
"""
