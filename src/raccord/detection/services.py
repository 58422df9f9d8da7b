"""Writes of detection: receiving registers, taking them back, deciding of a pair."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.detection import night
from raccord.detection.calendars import campaign, campaign_year
from raccord.detection.models import Deposit, DepositStatus, Feed, Nature
from raccord.detection.querysets import own_schools
from raccord.registers import enrolment, guards, snapshots
from raccord.registers.problems import RefusedFile
from raccord.registers.reading import Stated, open_registers
from raccord.registers.snapshots import Snapshot
from raccord.territory.models import Academie, Structure


@dataclass
class _Judged:
    """What is thought of one reading before it may change anything."""

    status: str = DepositStatus.ACCEPTED
    reasons: list[str] = field(default_factory=list)

    def doubt(self, decision: guards.Decision | None, sentence: str) -> None:
        if decision is None:
            return
        self.reasons.append(sentence)
        if decision is guards.Decision.REFUSE:
            self.status = DepositStatus.REFUSED
        elif decision is guards.Decision.QUARANTINE and self.status == DepositStatus.ACCEPTED:
            self.status = DepositStatus.QUARANTINED


def receive(
    actor: Actor | None,
    *,
    academie: Academie,
    paths: Sequence[Path],
    how: str,
    feed: Feed | None = None,
    nature: str | None = None,
    state_on: date | None = None,
    author: str = "",
    forced_because: str = "",
) -> list[Deposit]:
    """Read files, judge them, keep what can be believed. One deposit for each register found.

    Nothing raises for a bad file: it becomes a deposit refused or set aside, with the sentence of
    who can put it right; the state in force before it stays in force. With `forced_because` (a
    human's reason), doubts are written and the file is accepted all the same.
    """
    known = nature or (feed.nature if feed else None)
    stated = Stated(
        nature=enrolment.Nature(known) if known else None,
        uai=feed.structure.uai if feed and feed.structure else None,
    )
    opened = open_registers(list(paths), stated)
    who = author or (str(actor.user) if actor else "la ligne de commande")
    today = night.today(academie)
    made = []
    for refusal in opened.refused:
        made.append(_refused(actor, academie, feed, how, who, refusal, today))
    digests = {path.name: _digest(path) for path in paths if path.is_file()}
    for snapshot in opened.snapshots:
        with transaction.atomic():
            mine = feed or _feed_of(academie, snapshot)
            read_on = state_on or _state_on(snapshot, today)
            judged = _judge(mine, snapshot, read_on)
            if forced_because and judged.status != DepositStatus.ACCEPTED:
                judged.status = DepositStatus.ACCEPTED
            manifest = snapshot.manifest
            deposit = Deposit.objects.create(
                feed=mine,
                academie=academie,
                by=actor.user if actor else None,
                author=who,
                how=how,
                document=manifest.document[:255],
                file_hash=digests.get(manifest.document, ""),
                status=judged.status,
                reasons=[*judged.reasons, *opened.notices],
                rows=manifest.rows - manifest.unusable,
                snapshot=manifest.key,
                school_year=manifest.school_year,
                exported_on=manifest.exported_on,
                state_on=read_on,
                forced_by=who if forced_because else "",
                forced_because=forced_because[:280],
            )
            _remember(mine, deposit, snapshot)
            made.append(deposit)
    return made


def drop() -> Path:
    """Where uploaded files stand while they are read, and no longer."""
    folder = snapshots.home() / "tmp"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _refused(
    actor: Actor | None,
    academie: Academie,
    feed: Feed | None,
    how: str,
    who: str,
    refusal: RefusedFile,
    today: date,
) -> Deposit:
    return Deposit.objects.create(
        feed=feed,
        academie=academie,
        by=actor.user if actor else None,
        author=who,
        how=how,
        document=refusal.path.name[:255],
        status=DepositStatus.REFUSED,
        reasons=[refusal.reason],
        state_on=today,
    )


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _state_on(snapshot: Snapshot, today: date) -> date:
    """The day whose enrolments a register tells: its export's; else the end of its school year
    when that is over; else today."""
    if snapshot.manifest.exported_on:
        return min(date.fromisoformat(snapshot.manifest.exported_on), today)
    year = snapshot.manifest.school_year
    return min(date(year + 1, 6, 30), today) if year else today


def _feed_of(academie: Academie, snapshot: Snapshot) -> Feed:
    """The feed of a file that names none: same format, same school; a new one otherwise."""
    manifest = snapshot.manifest
    structure = None
    if len(manifest.uais) == 1:
        structure = Structure.objects.filter(uai=next(iter(manifest.uais))).first()
    # Names are shared by many schools, UAI by none.
    where = f"{structure.name} ({structure.uai})" if structure else Path(manifest.document).stem
    found = Feed.objects.filter(
        academie=academie,
        structure=structure,
        format=manifest.format,
        source=manifest.source,
        nature=str(manifest.nature),
    )
    if structure is None:
        found = found.filter(label=_label(manifest.label, where))
    feed: Feed | None = found.order_by("id").first()
    if feed is not None:
        return feed
    made: Feed = Feed.objects.get_or_create(
        academie=academie,
        label=_label(manifest.label, where),
        defaults={
            "structure": structure,
            "format": manifest.format,
            "source": manifest.source,
            "nature": str(manifest.nature),
        },
    )[0]
    return made


def feed_to_deposit(actor: Actor, *, school: Structure) -> Feed:
    """The register of a school that nobody has set up: what its head deposits first."""
    assert school.pk in own_schools(actor)  # noqa: S101 - the page offers no other
    made: Feed = Feed.objects.get_or_create(
        academie=school.academie,
        label=_label("Inscriptions", f"{school.name} ({school.uai or 'sans UAI'})"),
        defaults={"structure": school},
    )[0]
    return made


def feed_to_pull(school: Structure, format_name: str, kind: str) -> Feed:
    """The register of a school that a service will be asked for: the one it already deposits, if
    any, so that a deposit by hand and the service tell the same register."""
    mine = {"format": format_name, "nature": Nature.INSCRIPTION}
    feed: Feed | None = school.feeds.filter(**mine).order_by("id").first()
    if feed is None:
        feed = Feed(
            academie=school.academie,
            structure=school,
            label=_label(kind, f"{school.name} ({school.uai})"),
            source=format_name,
            **mine,
        )
    feed.pulled = True
    feed.save()
    return feed


def _label(kind: str, where: str) -> str:
    return f"{kind} – {where}"[:160]


def _judge(feed: Feed, snapshot: Snapshot, read_on: date) -> _Judged:
    """Guards against the last accepted state of the same feed, never against another's."""
    judged = _Judged()
    if feed.structure is not None and feed.structure.uai:
        doubt = guards.wrong_establishment(snapshot, feed.structure.uai)
        if doubt:
            judged.doubt(doubt.decision, doubt.sentence)
    for doubt in guards.wrong_year([snapshot], as_of=read_on, expected=_expected(feed, read_on)):
        # A feed is one school's: last year's base must not stand for today's.
        wrong = doubt.code == "annee" and doubt.decision is guards.Decision.WARN
        judged.doubt(guards.Decision.QUARANTINE if wrong else doubt.decision, doubt.sentence)
    year = campaign(feed.academie, read_on)
    former = list(Deposit.objects.accepted().filter(feed=feed).order_by("-state_on", "-id")[:1])
    earlier = snapshots.find(former[0].snapshot) if former else None
    if not former or earlier is None or earlier.manifest.key == snapshot.manifest.key:
        return judged
    if former[0].state_on < year.rollover_on <= read_on:
        # the first file of a new year: classes change, pupils leave; only the same classes
        # as last year would be strange
        doubt = guards.last_years_file(earlier, snapshot, as_of=read_on)
        if doubt:
            judged.doubt(doubt.decision, doubt.sentence)
        return judged
    if read_on < former[0].state_on:
        return judged  # an older state, given to look back: it changes nothing of today
    doubt = guards.older_export(earlier, snapshot)
    if doubt:
        judged.doubt(doubt.decision, doubt.sentence)
    if guards.may_be_partial(earlier, snapshot):
        relaxed = year.rollover_on <= read_on and year.is_provisional(read_on)
        for partial in guards.partial_file(earlier, snapshot, as_of=read_on, relaxed=relaxed):
            judged.doubt(partial.decision, partial.sentence)
    return judged


def _expected(feed: Feed, read_on: date) -> int | None:
    # In July and August both years' bases are right.
    if feed.nature != Nature.INSCRIPTION or read_on.month in (6, 7, 8):
        return None
    return campaign_year(read_on)


def _remember(feed: Feed, deposit: Deposit, snapshot: Snapshot) -> None:
    feed.last_received_at = deposit.received_at
    if deposit.status == DepositStatus.ACCEPTED:
        feed.last_accepted_at = timezone.now()
        feed.last_exported_on = deposit.exported_on or deposit.state_on
        feed.format = feed.format or snapshot.manifest.format
        feed.source = feed.source or snapshot.manifest.source
    feed.save()
