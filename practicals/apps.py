from django.apps import AppConfig


class PracticalsConfig(AppConfig):
    name = "practicals"
