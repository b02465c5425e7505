import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import django_gemafu.sandbox.models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Behaviour",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "refusal",
                    models.CharField(
                        blank=True,
                        choices=[
                            (None, "no, take it"),
                            ("merchant", "wrong merchant number"),
                            (
                                "signature",
                                "bad signature (wrong key, or a field of the wrong type)",
                            ),
                            ("balance", "the merchant's fee balance is used up"),
                            ("missing", "a mandatory field is missing"),
                        ],
                        max_length=16,
                        verbose_name="Refuse every new order",
                    ),
                ),
                (
                    "answer_style",
                    models.CharField(
                        choices=[
                            ("normal", "as documented"),
                            ("html", "an HTML page in place of JSON"),
                            ("http_500", "HTTP status 500"),
                            ("cut", "JSON that breaks off in the middle"),
                        ],
                        default="normal",
                        max_length=16,
                        verbose_name="Form of the answer",
                    ),
                ),
                (
                    "delay_seconds",
                    models.FloatField(
                        default=0,
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(60),
                        ],
                        verbose_name="Seconds before each answer",
                    ),
                ),
                (
                    "gives_free_input_codes",
                    models.BooleanField(default=False, verbose_name="Codes without an amount"),
                ),
                (
                    "holds_notifications",
                    models.BooleanField(default=False, verbose_name="Hold notifications back"),
                ),
            ],
            options={
                "verbose_name": "behaviour",
                "verbose_name_plural": "behaviour",
            },
        ),
        migrations.CreateModel(
            name="SandboxOrder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.BigIntegerField(
                        default=django_gemafu.sandbox.models.new_number, unique=True
                    ),
                ),
                ("reference_key", models.CharField(max_length=64, unique=True)),
                ("merchant_id", models.BigIntegerField()),
                ("reference", models.CharField(max_length=64)),
                ("amount_fen", models.BigIntegerField()),
                ("payable_fen", models.BigIntegerField()),
                ("open_money", models.BigIntegerField(null=True, unique=True)),
                ("is_free_input", models.BooleanField(default=False)),
                ("notify_url", models.CharField(max_length=1024)),
                ("customer_id", models.CharField(max_length=128)),
                ("app_name", models.CharField(max_length=128)),
                ("return_url", models.CharField(blank=True, max_length=1024)),
                ("body", models.TextField(blank=True)),
                ("placed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("expires_at", models.DateTimeField()),
                ("paid_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "order",
                "verbose_name_plural": "orders",
            },
        ),
        migrations.CreateModel(
            name="SandboxPayment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "number",
                    models.BigIntegerField(
                        default=django_gemafu.sandbox.models.new_number, unique=True
                    ),
                ),
                ("amount_fen", models.BigIntegerField()),
                ("paid_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("unsent", "paid, not notified on purpose"),
                            ("held", "paid, notification on hold"),
                            ("pending", "paid, notifying"),
                            ("accepted", "paid, notification accepted"),
                            ("exhausted", "paid, notification failed for good"),
                        ],
                        default="unsent",
                        max_length=16,
                    ),
                ),
                ("run", models.PositiveIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField(null=True)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="payments",
                        to="gemafu_sandbox.sandboxorder",
                    ),
                ),
            ],
            options={
                "verbose_name": "payment",
                "verbose_name_plural": "payments",
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="NotificationAttempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("regular", "regular"),
                            ("burst", "one of ten at once"),
                            ("tampered", "tampered with"),
                        ],
                        max_length=16,
                    ),
                ),
                ("sent_at", models.DateTimeField()),
                ("http_status", models.PositiveSmallIntegerField(null=True)),
                ("answer", models.TextField(blank=True)),
                (
                    "error",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("address", "the notify address (b_url) cannot be used"),
                            ("tls", "no trusted TLS connection"),
                            ("connect", "no connection, or it broke"),
                            ("timeout", "no complete answer in time"),
                            ("damaged", "the answer is damaged"),
                        ],
                        max_length=16,
                    ),
                ),
                ("is_accepted", models.BooleanField(default=False)),
                (
                    "payment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempts",
                        to="gemafu_sandbox.sandboxpayment",
                    ),
                ),
            ],
            options={
                "verbose_name": "attempt to notify",
                "verbose_name_plural": "attempts to notify",
                "ordering": ("pk",),
            },
        ),
    ]
