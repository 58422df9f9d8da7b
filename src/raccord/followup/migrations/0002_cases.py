import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import raccord.followup.identifiers


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "__first__"),
        ("followup", "0001_persons"),
        ("territory", "0002_structures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=raccord.followup.identifiers.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("school_year", models.PositiveSmallIntegerField(verbose_name="année")),
                (
                    "lane",
                    models.CharField(
                        choices=[
                            ("under_16", "moins de 16 ans : obligation d’instruction"),
                            ("obligation_16_17", "16-17 ans : obligation de formation"),
                            ("young_graduate", "16-17 ans, diplômé : obligation de formation"),
                            ("dropout", "18 ans et plus, sans diplôme connu"),
                            ("diploma_unknown", "diplôme inconnu (classe terminale)"),
                            ("graduate", "diplômé sans solution"),
                            ("left_academie", "départ annoncé hors de l’académie"),
                            ("age_unknown", "âge inconnu"),
                        ],
                        max_length=20,
                        verbose_name="circuit",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("to_check", "à vérifier"),
                            ("to_confirm", "à confirmer"),
                            ("paused", "en pause"),
                            ("transmitted", "transmis"),
                            ("closed", "clos"),
                        ],
                        default="to_check",
                        max_length=12,
                        verbose_name="état",
                    ),
                ),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("spotted", "recensement – repérage"),
                            ("diagnosis", "diagnostic et prescription"),
                            ("care", "prise en charge"),
                        ],
                        default="spotted",
                        max_length=12,
                        verbose_name="étape",
                    ),
                ),
                ("held_since", models.DateField(default=django.utils.timezone.localdate)),
                (
                    "opened_on",
                    models.DateField(
                        default=django.utils.timezone.localdate, verbose_name="ouvert le"
                    ),
                ),
                ("opened_by_run", models.BigIntegerField(null=True)),
                ("provisional", models.BooleanField(default=False, verbose_name="provisoire")),
                ("untouched_until", models.DateField(null=True)),
                ("worked_on_at", models.DateTimeField(null=True)),
                ("last_activity_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "contact_state",
                    models.CharField(
                        choices=[
                            ("not_tried", "pas encore appelé"),
                            ("tried", "appelé, sans réponse"),
                            ("reached", "joint"),
                            ("wrong_details", "coordonnées à corriger"),
                            ("opted_out", "ne souhaite pas ce moyen de contact"),
                        ],
                        default="not_tried",
                        max_length=14,
                        verbose_name="contact",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="essais")),
                ("next_act_on", models.DateField(null=True, verbose_name="à reprendre le")),
                (
                    "situation",
                    models.CharField(
                        choices=[
                            ("schooled", "scolarisé (public ou privé sous contrat)"),
                            ("agriculture", "scolarisé dans l’enseignement agricole"),
                            ("hors_contrat", "scolarisé dans le privé hors contrat"),
                            ("abroad", "scolarisé à l’étranger"),
                            ("distance", "enseignement à distance (CNED)"),
                            ("home", "instruction dans la famille"),
                            ("apprentice", "apprenti"),
                            ("trainee", "stagiaire de la formation professionnelle"),
                            ("job", "en emploi"),
                            ("civic_service", "en service civique"),
                            ("accompanied", "accompagné par un partenaire"),
                            ("exempt", "exempté de l’obligation"),
                            ("no_solution", "sans solution"),
                            ("left_territory", "a quitté le territoire"),
                            ("unknown", "situation inconnue"),
                        ],
                        default="unknown",
                        max_length=16,
                    ),
                ),
                ("situation_since", models.DateField(null=True)),
                ("situation_confirmed_on", models.DateField(null=True)),
                ("situation_lapses_on", models.DateField(null=True)),
                (
                    "situation_proof",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("register", "vu dans une base"),
                            ("certificate", "certificat ou attestation"),
                            ("contract", "contrat"),
                            ("declaration", "déclaration du jeune ou de sa famille"),
                            ("structure", "dit par la structure qui l’accueille"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("found", "retrouvé dans une base"),
                            ("schooled", "scolarisé"),
                            ("apprentice", "apprenti"),
                            ("trainee", "stagiaire de la formation professionnelle"),
                            ("job", "en emploi"),
                            ("civic_service", "en service civique"),
                            ("accompanied", "accompagné par un partenaire"),
                            ("abroad", "scolarisé à l’étranger"),
                            ("exempt", "exempté de l’obligation"),
                            ("left_territory", "passé à un autre territoire"),
                            ("false_alarm", "fausse alerte"),
                            ("age_limit", "26 ans révolus"),
                            ("silent", "clos"),
                            ("undone", "annulé (la comparaison a été annulée)"),
                        ],
                        max_length=16,
                        verbose_name="devenir",
                    ),
                ),
                (
                    "false_alarm",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("still_here", "toujours inscrit chez nous"),
                            ("enrolled_elsewhere", "inscrit dans un autre établissement"),
                            ("duplicate", "en double sur la liste"),
                            ("diploma_held", "a obtenu son diplôme"),
                            ("wrong_age", "date de naissance fausse dans la base"),
                            ("never_pupil", "n’a jamais été élève ici"),
                        ],
                        max_length=20,
                    ),
                ),
                ("closed_on", models.DateField(null=True, verbose_name="clos le")),
                ("closed_by_run", models.BigIntegerField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "academie",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territory.academie",
                    ),
                ),
                (
                    "assigned_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "basin",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="territory.basin",
                    ),
                ),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "departement",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territory.departement",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="held_cases",
                        to="territory.structure",
                        verbose_name="structure qui suit",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cases",
                        to="followup.person",
                    ),
                ),
                ("left_on", models.DateField(null=True, verbose_name="sorti le")),
            ],
            options={
                "verbose_name": "dossier",
                "indexes": [
                    models.Index(
                        fields=["holder", "status"], name="followup_ca_holder__2a2606_idx"
                    ),
                    models.Index(
                        fields=["departement", "lane", "status"],
                        name="followup_ca_departe_80a7fd_idx",
                    ),
                    models.Index(fields=["basin", "status"], name="followup_ca_basin_i_826ab9_idx"),
                    models.Index(
                        fields=["academie", "school_year", "status"],
                        name="followup_ca_academi_6852ed_idx",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "closed"), _negated=True),
                        fields=("person",),
                        name="case_one_open_per_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_on__isnull", False),
                                ("status", "closed"),
                                models.Q(("outcome", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("status", "closed"), _negated=True),
                                ("closed_on__isnull", True),
                                ("outcome", ""),
                            ),
                            _connector="OR",
                        ),
                        name="case_closed_with_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "false_alarm"), _negated=True),
                            models.Q(("false_alarm", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="case_false_alarm_says_which",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                ["to_check", "to_confirm", "paused", "transmitted", "closed"],
                            )
                        ),
                        name="case_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "lane__in",
                                [
                                    "under_16",
                                    "obligation_16_17",
                                    "young_graduate",
                                    "dropout",
                                    "diploma_unknown",
                                    "graduate",
                                    "left_academie",
                                    "age_unknown",
                                ],
                            )
                        ),
                        name="case_lane_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("stage__in", ["spotted", "diagnosis", "care"])),
                        name="case_stage_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "contact_state__in",
                                ["not_tried", "tried", "reached", "wrong_details", "opted_out"],
                            )
                        ),
                        name="case_contact_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "situation__in",
                                [
                                    "schooled",
                                    "agriculture",
                                    "hors_contrat",
                                    "abroad",
                                    "distance",
                                    "home",
                                    "apprentice",
                                    "trainee",
                                    "job",
                                    "civic_service",
                                    "accompanied",
                                    "exempt",
                                    "no_solution",
                                    "left_territory",
                                    "unknown",
                                ],
                            )
                        ),
                        name="case_situation_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "situation_proof__in",
                                [
                                    "",
                                    "register",
                                    "certificate",
                                    "contract",
                                    "declaration",
                                    "structure",
                                ],
                            )
                        ),
                        name="case_situation_proof_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "outcome__in",
                                [
                                    "",
                                    "found",
                                    "schooled",
                                    "apprentice",
                                    "trainee",
                                    "job",
                                    "civic_service",
                                    "accompanied",
                                    "abroad",
                                    "exempt",
                                    "left_territory",
                                    "false_alarm",
                                    "age_limit",
                                    "silent",
                                    "undone",
                                ],
                            )
                        ),
                        name="case_outcome_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "false_alarm__in",
                                [
                                    "",
                                    "still_here",
                                    "enrolled_elsewhere",
                                    "duplicate",
                                    "diploma_held",
                                    "wrong_age",
                                    "never_pupil",
                                ],
                            )
                        ),
                        name="case_false_alarm_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Party",
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
                            ("origin", "établissement quitté"),
                            ("holder", "suit le jeune"),
                            ("receiver", "se voit proposer le suivi"),
                            ("associated", "associé au suivi"),
                        ],
                        max_length=10,
                    ),
                ),
                ("since", models.DateField(default=django.utils.timezone.localdate)),
                ("until", models.DateField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parties",
                        to="followup.case",
                    ),
                ),
                (
                    "structure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="territory.structure",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("until__isnull", True)),
                        fields=["structure"],
                        include=("case",),
                        name="party_of_structure",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("until__isnull", True)),
                        fields=("case", "structure", "kind"),
                        name="party_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "holder"), ("until__isnull", True)),
                        fields=("case",),
                        name="party_one_holder",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["origin", "holder", "receiver", "associated"])
                        ),
                        name="party_kind_known",
                    ),
                ],
            },
        ),
    ]
