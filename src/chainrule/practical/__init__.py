"""The rows of the practical, what is published of each, and the report put together."""
