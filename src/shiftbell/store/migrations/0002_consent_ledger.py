"""The consent ledger: events from before get their place in a chain; the tables of e-mail."""

import secrets
from itertools import groupby

import django.db.models.deletion
from django.db import migrations, models

from shiftbell.rules import ledger

SAID = (
    "employee_id",
    "person",
    "at",
    "how",
    "source",
    "actor",
    "words",
    "disclosure",
    "version",
    "until",
    "detail",
)


def chain(apps, schema_editor):
    """Give every event its place, digest and hash, and every number the end of its chain."""
    Consent = apps.get_model("shiftbell", "Consent")
    PhoneNumber = apps.get_model("shiftbell", "PhoneNumber")
    rows = Consent.objects.select_related("employee", "number").order_by("number_id", "id")
    for number_id, events in groupby(list(rows), key=lambda row: row.number_id):
        previous, place = ledger.FIRST, 0
        events = list(events)
        _end_last_pause(events)
        for place, row in enumerate(events, start=1):
            _seal(row, place, previous)
            previous = row.hash
        PhoneNumber.objects.filter(pk=number_id).update(events=place, head=previous)
    wrong = PhoneNumber.objects.filter(unusable_since__isnull=False)
    wrong.filter(unusable_reason="wrong_number").update(unusable_as="wrong_number")
    wrong.filter(unusable_as="").update(unusable_as="landline")
    # RingCentral hears of every opt-out from before; telling it twice changes nothing.
    out = PhoneNumber.objects.filter(opted_out_at__isnull=False)
    out.update(ringcentral_due_at=models.F("opted_out_at"))


def _end_last_pause(events):
    """Note the end of a pause on the event that asked for it; until now only its number had it."""
    for row in reversed(events):
        if row.kind == "paused":
            row.until = row.number.paused_until
        if row.kind in {"paused", "resumed"}:
            return


def _seal(row, place, previous):
    row.place, row.previous = place, previous
    row.how = _how(row.source)
    if row.employee is not None:
        name = f"{row.employee.first_name} {row.employee.last_name}".strip()
        row.person = f"{name or row.employee.external_id} ({row.employee.external_id})"[:700]
    row.salt = secrets.token_bytes(ledger.SALT_BYTES)
    said = {name: getattr(row, name) for name in SAID} | {"contact": row.number.e164}
    row.digest = ledger.digest_of(row.salt, said)
    row.hash = ledger.hash_of(
        chain=f"number {row.number_id}",
        place=place,
        row=row.pk,
        kind=row.kind,
        recorded_at=row.recorded_at,
        digest=row.digest,
        previous=previous,
    )
    row.save()


def _how(source):
    if source == "text" or source == "a reply that a person read":
        return "text"
    return "ringcentral" if source.startswith("RingCentral") else "import"


def nothing(apps, schema_editor):
    """Going back drops the columns; the events themselves stay."""


class Migration(migrations.Migration):
    dependencies = [
        ("shiftbell", "0001_first"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConsentAnchor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.CharField(max_length=10, unique=True)),
                ("made_at", models.DateTimeField()),
                ("added", models.PositiveIntegerField()),
                ("count", models.PositiveBigIntegerField()),
                ("previous", models.CharField(max_length=64)),
                ("head", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="EmailAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("opted_out_at", models.DateTimeField(null=True)),
                ("unusable_since", models.DateTimeField(null=True)),
                ("unusable_reason", models.CharField(blank=True, max_length=200)),
                ("events", models.PositiveIntegerField(default=0)),
                (
                    "head",
                    models.CharField(
                        default="0000000000000000000000000000000000000000000000000000000000000000",
                        max_length=64,
                    ),
                ),
                ("address", models.CharField(max_length=254, unique=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=5, unique=True)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(max_length=200)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Mail",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=30)),
                ("state", models.CharField(default="queued", max_length=10)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("intent", models.CharField(max_length=200)),
                ("bar", models.CharField(blank=True, max_length=20)),
                ("metadata", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("owner", models.CharField(blank=True, max_length=64)),
                ("lease_until", models.DateTimeField(null=True)),
                ("tries", models.PositiveIntegerField(default=0)),
                ("doubts", models.PositiveIntegerField(default=0)),
                ("left_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("told_at", models.DateTimeField(null=True)),
                ("subject", models.CharField(blank=True, max_length=300)),
                ("text", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="MailLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("purpose", models.CharField(max_length=12)),
                ("nonce", models.CharField(max_length=32, unique=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("used_at", models.DateTimeField(null=True)),
                ("outcome", models.CharField(blank=True, max_length=30)),
                ("shown", models.TextField(blank=True)),
                ("evidence", models.JSONField(default=dict)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="consent",
            name="consent_kind_known",
        ),
        migrations.RemoveIndex(
            model_name="consent",
            name="shiftbell_c_number__5346c2_idx",
        ),
        migrations.AddField(
            model_name="assignment",
            name="untold_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="attempt",
            name="basis",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name="attempt",
            name="consent",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="shiftbell.consent"
            ),
        ),
        migrations.AddField(
            model_name="broadcast",
            name="urgent_reason",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="consent",
            name="detail",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="consent",
            name="digest",
            field=models.CharField(default="", max_length=64),
        ),
        migrations.AddField(
            model_name="consent",
            name="disclosure",
            field=models.TextField(blank=True),
        ),
        migrations.AddField(
            model_name="consent",
            name="hash",
            field=models.CharField(default="", max_length=64),
        ),
        migrations.AddField(
            model_name="consent",
            name="how",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="consent",
            name="person",
            field=models.CharField(blank=True, max_length=700),
        ),
        migrations.AddField(
            model_name="consent",
            name="place",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="consent",
            name="previous",
            field=models.CharField(default="", max_length=64),
        ),
        migrations.AddField(
            model_name="consent",
            name="salt",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="consent",
            name="until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="consent",
            name="version",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="message",
            name="answers",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="shiftbell.message",
            ),
        ),
        migrations.AddField(
            model_name="phonenumber",
            name="events",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="phonenumber",
            name="head",
            field=models.CharField(
                default="0000000000000000000000000000000000000000000000000000000000000000",
                max_length=64,
            ),
        ),
        migrations.AddField(
            model_name="phonenumber",
            name="holder_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="phonenumber",
            name="ringcentral_due_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="phonenumber",
            name="ringcentral_told_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="phonenumber",
            name="unusable_as",
            field=models.CharField(blank=True, max_length=20),
        ),
        migrations.AddField(
            model_name="sender",
            name="campaign_checked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="sender",
            name="campaign_status",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="sender",
            name="campaign_tier",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AddField(
            model_name="sender",
            name="campaign_use_cases",
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name="sender",
            name="high_volume",
            field=models.BooleanField(default=False),
        ),
        migrations.AlterField(
            model_name="consent",
            name="actor",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AlterField(
            model_name="consent",
            name="at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AlterField(
            model_name="consent",
            name="number",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="shiftbell.phonenumber"
            ),
        ),
        migrations.AlterField(
            model_name="consent",
            name="source",
            field=models.CharField(blank=True, max_length=200),
        ),
        migrations.AddIndex(
            model_name="phonenumber",
            index=models.Index(
                condition=models.Q(("ringcentral_due_at__isnull", False)),
                fields=["ringcentral_due_at"],
                name="numbers_to_tell",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="anchor",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="shiftbell.consentanchor"
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="address",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="shiftbell.emailaddress"
            ),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(fields=["employee", "number"], name="consent_of_a_person"),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(
                condition=models.Q(("anchor__isnull", True)), fields=["id"], name="not_yet_anchored"
            ),
        ),
        migrations.RunPython(chain, nothing),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "granted",
                            "revoked",
                            "resumed",
                            "paused",
                            "wrong_number",
                            "number_changed",
                            "night_allowed",
                            "night_ended",
                            "erased",
                        ],
                    )
                ),
                name="consent_event_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "how__in",
                        [
                            "",
                            "form",
                            "import",
                            "text",
                            "email",
                            "api",
                            "manager",
                            "ringcentral",
                            "carrier",
                        ],
                    )
                ),
                name="consent_way_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("number__isnull", True), ("address__isnull", True), _connector="XOR"
                ),
                name="consent_of_one_contact",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(
                fields=("number", "place"), name="one_event_a_place_of_a_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(
                fields=("address", "place"), name="one_event_a_place_of_an_address"
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="location",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="shiftbell.location"
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="address",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="mails",
                to="shiftbell.emailaddress",
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="broadcast",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="shiftbell.broadcast"
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="employee",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, to="shiftbell.employee"
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="offer",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="shiftbell.offer"
            ),
        ),
        migrations.AddField(
            model_name="mail",
            name="shift",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, to="shiftbell.shift"
            ),
        ),
        migrations.AddField(
            model_name="maillink",
            name="mail",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="links",
                to="shiftbell.mail",
            ),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(
                condition=models.Q(("state", "queued")), fields=["due_at", "id"], name="mails_ready"
            ),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(
                condition=models.Q(("state", "sending")),
                fields=["lease_until"],
                name="mails_leased",
            ),
        ),
        migrations.AddIndex(
            model_name="mail",
            index=models.Index(fields=["shift", "state"], name="mails_of_a_shift"),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("queued", "sending", "sent", "failed", "cancelled"))
                ),
                name="mail_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "sending"), _negated=True),
                    ("lease_until__isnull", False),
                    _connector="OR",
                ),
                name="mail_sending_has_a_lease",
            ),
        ),
        migrations.AddConstraint(
            model_name="mail",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["failed", "cancelled"]), _negated=True),
                fields=("intent",),
                name="one_live_mail_an_intent",
            ),
        ),
        migrations.AddConstraint(
            model_name="maillink",
            constraint=models.CheckConstraint(
                condition=models.Q(("purpose__in", ["accept", "decline", "unsubscribe"])),
                name="link_purpose_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="maillink",
            constraint=models.UniqueConstraint(
                fields=("mail", "purpose"), name="one_link_a_purpose"
            ),
        ),
    ]
