from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "common"

    def ready(self) -> None:
        from django.db.backends.sqlite3.base import DatabaseFeatures

        # Django splits bulk inserts for the SQLite of 2019; since 3.32 a statement takes 32,766 values.
        DatabaseFeatures.max_query_params = 30_000
