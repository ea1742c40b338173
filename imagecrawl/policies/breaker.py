"""Is a host in trouble, and how is it asked meanwhile?

A circuit breaker per host (M. Nygard, *Release It!*), made for servers that punish: whoever goes
on asking while he is banned prolongs the ban. Pure: time and randomness come in as parameters.

Closed, the host is asked at will. After a failure it is *suspect*: one request at a time, until
one that was sent after the failure succeeds. When that fails as well the breaker *opens*: nothing
is sent until the pause is over; then, *half open*, one probe. Whatever was in flight together
when the trouble began is one event, however many of it fail.
"""

from __future__ import annotations

import random

from imagecrawl.policies.blame import Blame
from imagecrawl.policies.health import BreakerRules, HostHealth
from imagecrawl.policies.pace import Pace
from imagecrawl.policies.refusals import Refusals
from imagecrawl.policies.run import FailureRun
from imagecrawl.policies.ticket import Event, Phase, Ticket

_LEVEL_KEPT_FOR = 10.0
"""So many times the length of a trouble, the next one begins near the pause that ended it ..."""
_LEVELS_BACK = 2
"""... that is, two doublings before: pauses that were too long are found out, too."""
_LEAST_PROBES = 3
"""So many probes must have failed before a host is given up."""

_SLOW_START = 0.9
_NO_DELAY_SECS = 0.005


class Breaker:
    """The breaker of one host."""

    def __init__(self, host: str, rules: BreakerRules, health: HostHealth | None = None) -> None:
        self.host = host
        self.health = health or HostHealth()
        self.active = 0
        """How many requests are on their way."""
        self.answers = 0
        """How many answers it has begun, since its last trouble or the start."""
        self.reason = ""
        """Why it failed last, or gave nothing."""
        self.only_suspected = False
        """Whether it is not known yet whether it refuses everything, or some of its URLs."""
        self._known = False
        self._rules = rules
        self._sent = 0
        self._run = FailureRun()
        self._pace = Pace()
        self._blame = Blame()
        self.refusals = Refusals()
        if self.health.refuses:
            self.refusals.resume(self.health.witness, self.health.picture, self.health.refused)
        self._answered = 0  # all answers
        self._probe: Ticket | None = None

    def begun(self) -> None:
        """Note that an answer has begun."""
        self._known = True
        self.answers += 1

    def phase(self, now: float) -> Phase:
        if self.health.pauses:
            return Phase.OPEN if now < self.health.paused_until else Phase.HALF_OPEN
        if self._run.failures and self._pace.is_suspicious(self._run.failures):
            return Phase.SUSPECT
        return Phase.CLOSED

    @property
    def known(self) -> bool:
        """Whether the host has answered since the crawl began."""
        return self._known

    @property
    def broken(self) -> bool:
        """Whether the host is in a trouble that has opened the breaker."""
        return self.health.pauses > 0

    @property
    def fresh_probe(self) -> bool:
        """Whether the next probe should be a URL that has not failed yet.

        One that has says more of the host, but may itself be what is broken: they take turns.
        """
        return (self.health.pauses - self.health.first) % 2 == 1

    @property
    def idle(self) -> bool:
        """Whether nothing is on its way and nothing known that would be missed."""
        return not (self.active or self._run.failures or self.health.troubled)

    def probes_left(self, now: float) -> int | None:
        """Return how many more requests may be sent; ``None`` for as many as usual."""
        phase = self.phase(now)
        if phase is Phase.CLOSED:
            return None
        return 0 if phase is Phase.OPEN or self._probe is not None else 1

    def delay(self) -> float:
        """Return the least seconds between two requests.

        Slow start: AutoThrottle halves its first delay with each answer, and is at full speed
        when a server that is easily offended has seen six requests. Here each answer takes off
        a tenth.
        """
        start = self._rules.start_delay_secs * _SLOW_START**self.answers
        return max(self.health.delay, start if start >= _NO_DELAY_SECS else 0.0)

    @property
    def refuses(self) -> bool:
        """Whether the host is in trouble for giving nothing."""
        return self.health.refuses

    def given_up(self, now: float) -> bool:
        """Tell whether the host is given up: nothing is sent, and nothing waits for it.

        After the pause there is a probe again.
        """
        return self.health.given_up and self.phase(now) is Phase.OPEN

    def enter(self, now: float, url: object = None, attempts: int = 0) -> Ticket | None:
        """Return the ticket of a request that may be sent now, ``None`` if it may not."""
        left = self.probes_left(now)
        if left == 0:
            return None
        ticket = self.force(url, attempts)
        if left == 1:
            self._probe = ticket
        return ticket

    def force(self, url: object = None, attempts: int = 0) -> Ticket:
        """Return the ticket of a request that is sent whatever the state of the host."""
        self._sent += 1
        self.active += 1
        return Ticket(self.host, self._sent, url, attempts)

    def leave(self, ticket: Ticket) -> None:
        """End *ticket*, whatever became of it; called once each."""
        self.active -= 1
        if self._probe is ticket:
            self._probe = None

    def answered(self, ticket: Ticket, now: float) -> bool:
        """Note an answer; return whether it has closed the breaker."""
        phase = self.phase(now)
        self._answered += 1
        if phase is Phase.OPEN:
            return False
        self._pace.answered(self.delay(), news=ticket.number > self._run.barrier)
        if phase is Phase.HALF_OPEN:
            if ticket.number <= self._run.barrier:
                return False  # sent before the trouble was known: says nothing of now
            self._close(now)
            return True
        if ticket.number > self._run.last:
            self._pace.run_is_over(self._run.failures)
            self._run.end(self._sent)
        self.health.succeeded()
        return False

    def cut(self, ticket: Ticket, now: float) -> bool:
        """Note an answer that did not arrive whole: the host lives, no more is known."""
        if self.phase(now) is Phase.HALF_OPEN and ticket.number > self._run.barrier:
            self._close(now)
            return True
        return False

    def failed(
        self, ticket: Ticket, reason: str, now: float, rng: random.Random, wait: float | None = None
    ) -> Event:
        """Note a failure; *wait* is what the server asks for (Retry-After), in seconds."""
        phase = self.phase(now)
        self.reason = reason
        threshold = self._rules.thresholds.get(reason)
        if phase is Phase.OPEN:
            if wait is not None:
                self.health.paused_until = max(self.health.paused_until, now + wait)
                return Event.REOPENED
            return Event.NOTHING
        if threshold is None and wait is None and phase is not Phase.HALF_OPEN:
            return Event.NOTHING
        if wait is None and self._is_the_urls(ticket, phase):
            return Event.NOTHING
        new_round = ticket.number > self._run.barrier
        self._run.note(ticket.number, self._sent, reason, now)
        self._pace.failed(self.delay(), ticket.number, self._sent)
        if phase is Phase.HALF_OPEN:
            if wait is None and not new_round:
                return Event.NOTHING
            return self._reopen(now, rng, wait)
        if wait is None and not self._hopeless(threshold or 1):
            return self._slow_down(now)
        self._open(now, rng, wait)
        return Event.OPENED

    def refuses_too_much(self, now: float, rng: random.Random) -> None:
        """Leave the host alone, and then ask whether it refuses everything."""
        self.refusals.ask()
        self._run.begin(self._sent, now)
        self._begin_trouble(now, rng)
        self.health.refuses, self.health.refused = True, self.refusals.run
        self.health.witness = self.refusals.witness or ""
        self.health.picture = self.refusals.picture

    def witness(self, ticket: Ticket) -> str:
        """Return the URL that is to be asked for in place of the probe *ticket*, or nothing.

        They take turns: it may be the witness that is not to be had any more.
        """
        its_turn = ticket is self._probe and not self.fresh_probe
        return self.health.witness if its_turn else ""

    def latest(self) -> Ticket:
        """Return a ticket as that of the latest request has been."""
        return Ticket(self.host, self._sent)

    def suspects(self, url: object, in_trouble: bool = False) -> bool:
        """Tell whether it may be *url* that fails: it has before, while the host answered."""
        return self._blame.is_suspect(url, self._answered, in_trouble)

    def forgive(self, since: float) -> bool:
        """Forget a run of failures that began after *since*: the host was not to blame.

        Return whether it had opened the breaker.
        """
        if not self._run.failures or self._run.began < since:
            return False
        opened = self.health.pauses > 0
        self._run.end(self._sent)
        self.health.end_pauses()
        return opened

    def _is_the_urls(self, ticket: Ticket, phase: Phase) -> bool:
        in_trouble = phase is Phase.HALF_OPEN
        return self._blame.is_the_urls(ticket.url, ticket.attempts, self._answered, in_trouble)

    def _hopeless(self, threshold: int) -> bool:
        if self._run.rounds < threshold:
            return False
        if threshold == 1 and not self._pace.in_vain:
            return True
        return self._pace.is_no_chance(self._run.failures)

    def _slow_down(self, now: float) -> Event:
        """Ask more slowly if the host often fails, though never for long."""
        if not self._pace.is_too_fast() or self._slowed_in_vain(now):
            return Event.NOTHING
        self.health.slow_down(self._most_delay())
        return Event.SLOWED

    def _slowed_in_vain(self, now: float) -> bool:
        """Note the slowing down; return whether that has been in vain so far."""
        in_vain = self._pace.slowed(now)
        if in_vain:
            self.health.at_full_speed()
        return in_vain

    def _open(self, now: float, rng: random.Random, wait: float | None) -> None:
        self._slowed_in_vain(now)
        self._begin_trouble(now, rng, wait)

    def _begin_trouble(self, now: float, rng: random.Random, wait: float | None = None) -> None:
        health = self.health
        recent = now - health.recovered_at < _LEVEL_KEPT_FOR * health.last_trouble_secs
        health.since = self._run.began
        health.first = max(1, health.level - _LEVELS_BACK) if recent else 1
        health.pauses = health.first
        self._pause(now, rng, wait)

    def _reopen(self, now: float, rng: random.Random, wait: float | None) -> Event:
        health = self.health
        health.pauses += 1
        if self._pace.in_vain and self._pace.is_no_chance(self._run.failures):
            self._pace.again()
        hopeless = health.pauses - health.first >= _LEAST_PROBES
        patience = now - health.since >= self._rules.give_up_secs
        never = not self._known and health.pauses > self._rules.rounds_unknown + _LEAST_PROBES
        health.given_up = never or (hopeless and patience)
        self._pause(now, rng, wait)
        return Event.GAVE_UP if health.given_up else Event.REOPENED

    def _pause(self, now: float, rng: random.Random, wait: float | None) -> None:
        self._run.said_so |= wait is not None
        secs = self._rules.pause.wait(self.health.pauses, rng) if wait is None else wait
        self.health.paused_until = now + secs

    def _close(self, now: float) -> None:
        health = self.health
        once = health.pauses == health.first
        if health.refuses:
            given_again = health.witness and not self.fresh_probe
            if given_again and not once:
                self.refusals.ban_is_over(self._sent)
            else:
                self.refusals.try_one()
        short = once and health.first == 1 and not health.delay and not self._run.said_so
        if self._pace.in_vain or short or (once and health.refuses):
            # The first probe got through: it was the requests' own trouble as likely as not.
            self._pace.run_is_over(self._run.failures)
            health.recovered_at_once(now)
        else:
            health.recovered(now, self._run.pushed_back, self._most_delay())
        self.answers = 0
        self._run.end(self._sent)

    def _most_delay(self) -> float:
        return min(self._rules.max_delay_secs, self._pace.most_delay())
