from django.db import migrations, models
from django.db.models import Count


def note_sharing(apps, schema_editor):
    participants = apps.get_model("conversations", "Participant").objects
    several = participants.filter(bound=True).values("conversation").annotate(count=Count("id")).filter(count__gt=1)
    apps.get_model("conversations", "Conversation").objects.filter(
        id__in=[row["conversation"] for row in several]
    ).update(is_shared=True)


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0006_held_for"),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="is_shared",
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(note_sharing, migrations.RunPython.noop),
    ]
