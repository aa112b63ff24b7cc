"""The Django app that owns every table; its label is `shiftbell`."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    """REMEMBER: the one app with models."""

    name = "shiftbell.store"
    label = "shiftbell"
    default_auto_field = "django.db.models.BigAutoField"
