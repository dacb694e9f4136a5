from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # Celery's shared tasks need the application as soon as Django is up, in every process.
        from config import celery  # noqa: F401
        from config.operate import figures, tracing

        figures.subscribe()
        tracing.subscribe()
