"""The life of an obligation, simulated day by day (rulebook sections 2 and 4)."""

from counting import add_months, birthday, months_starting_with
from facts import note

NEVER_DISCHARGED_ON_START_DAY = {"months_starting_with", "months_starting_with_less_28d", "months_after"}
PLAN_BEGINS = ("plan_issued", "plan_transferred_in")
PLAN_ENDS = ("plan_ceased", "plan_transferred_out")
REVIEW_DECIDED = ("review_decided_maintain", "review_decided_amend", "review_decided_cease")


class Obligation:
    def __init__(self, limit, start, subject, due):
        self.limit, self.start, self.subject, self.due = limit, start, subject, due
        self.closed = None
        self.how = None  # discharged, voided or lapsed

    def close(self, how, day, tag):
        note(self.limit.id, tag)
        self.how, self.closed = how, day


def by_day(items):
    """{day: [(day, event, subject), ...]}, each day's in the order of (event, subject)."""
    found = {}
    for item in items:
        found.setdefault(item[0], []).append(item)
    return found


class Closers:
    """The events that may close an obligation of a forward limit, by day."""

    def __init__(self, cycle, limit, case, only_subject):
        discharges = case.matching(limit.discharged_by)
        if only_subject is not None:
            discharges = [item for item in discharges if item[2] == only_subject]
        self.discharges = by_day(discharges)
        self.voids = by_day(case.matching(limit.voided_by))
        self.lapses = by_day(case.matching(limit.lapsed_by))
        self.ends = set(case.life(limit.life).ends)
        self.fifth_birthday = None
        if limit.applies == "under_five" and case.born is not None:
            attained = birthday(case.born, 5)
            if attained <= cycle.as_of:
                self.fifth_birthday = attained

    def days(self):
        found = self.discharges.keys() | self.voids.keys() | self.lapses.keys() | self.ends
        return found if self.fifth_birthday is None else found | {self.fifth_birthday}


class Lifecycle:
    """Opens and closes the obligations of a case as of a date."""

    def __init__(self, calendar, as_of):
        self.calendar, self.as_of = calendar, as_of

    def obligations(self, limit, case):
        """Every obligation of one limit in one case, shown or not."""
        source = case.all if limit.backward else case.past
        if limit.starts.subjects.keys().isdisjoint(source):
            return []
        starts = case.matching(limit.starts, source)
        if not starts:
            return []
        if limit.backward:
            return self.backward(limit, case, starts)
        if limit.per != "subject":
            return self.forward(limit, case, starts, None)
        found = []
        for subject in sorted({subject for _, _, subject in starts}):
            found += self.forward(limit, case, starts, subject)
        return found

    # ------------------------------------------------------------ 4. counting, where other facts are needed

    def due(self, limit, case, start):
        plain = self.calendar.plain_count(limit.count, start, limit.n)
        if plain is not None:
            return plain
        if limit.count == "move_working_days":
            return self.due_move(limit, case, start)
        if limit.count == "transfer_review_months":
            return self.due_transfer_review(case, start)
        if limit.count == "cease_floor_months":
            return self.due_cease_floor(limit, case, start)
        raise ValueError("unknown count " + limit.count)

    def due_move(self, limit, case, start):
        moves = [day for day, _ in case.all.get("moved_out", ()) if day >= start]
        if moves and self.calendar.working_days_after(start, limit.n) <= moves[0]:
            note("count:move_working_days the move")
            return moves[0]
        note("count:move_working_days 15 days, " + ("late" if moves else "no") + " move")
        return self.calendar.working_days_beginning_with(start, limit.n)

    def due_transfer_review(self, case, start):
        alone = months_starting_with(start, 3)
        before = [day for day in case.days("plan_issued", *REVIEW_DECIDED) if day < start]
        if not before:
            note("count:transfer_review nothing before")
            return alone
        anniversary = months_starting_with(before[-1], 12)
        note("count:transfer_review " + ("year later" if anniversary > alone else "three months later"))
        return max(anniversary, alone)

    def due_cease_floor(self, limit, case, start):
        base = add_months(start, limit.n)
        candidates = [base]
        certificates = [day for day in case.days("mediation_certificate") if start <= day <= base]
        if certificates:
            note("count:cease_floor certificate")
            candidates.append(add_months(certificates[-1], 1))
        ends = case.days("tribunal_order", "appeal_withdrawn", "appeal_conceded")
        for appeal in case.days("appeal_received"):
            if start <= appeal <= base:
                ended = [day for day in ends if day >= appeal]
                note("count:cease_floor appeal " + ("ended" if ended else "pending"))
                candidates.append(ended[0] - 1 if ended else self.as_of)
        return max(candidates)

    # ------------------------------------------------------------ starting

    def applies(self, limit, case, start, due):
        if limit.applies == "under_five":
            return case.born is not None and start < birthday(case.born, 5)
        if limit.applies == "plan_exists":
            begun = [day for day in case.days(*PLAN_BEGINS) if day <= start]
            if not begun:
                return False
            return not any(begun[-1] <= day < start for day in case.days(*PLAN_ENDS))
        if limit.applies == "plan_by_due":
            begun = case.days(*PLAN_BEGINS)
            return not begun or begun[0] <= due
        return True

    def why_not(self, limit, case, start, event, subject):
        """Why a start event of a forward limit opens nothing (apart from what `per` says); None if it may open."""
        if not limit.in_force(start):
            return "not in force"
        if not case.life(limit.life).alive_on(start):
            return "life over"
        if event == "tribunal_order" and case.same_appeal(start, subject):
            return "same appeal"
        if not self.applies(limit, case, start, None):
            return limit.applies
        return None

    def previous_start(self, starts, start):
        """The latest start event at least 28 days before this one, whether or not it opened anything."""
        earlier = [day for day, _, _ in starts if day <= start - 28]
        return earlier[-1] if earlier else None

    def early_window(self, limit, starts, start):
        """First day on which a discharge event before this start counts."""
        first = start - limit.early_days
        previous = self.previous_start(starts, start)
        if previous is not None and previous + 1 > first:
            note(limit.id, "early window cut by previous start")
            first = previous + 1
        return first

    # ------------------------------------------------------------ forward limits, day by day

    def forward(self, limit, case, starts, only_subject):
        """The obligations of one limit (and of one subject, where only_subject is not None)."""
        closers = Closers(self, limit, case, only_subject)
        if only_subject is not None:
            starts = [item for item in starts if item[2] == only_subject]
        starts_on = by_day(starts)
        first_start = starts[0][0]
        used = set()  # the discharge events used up so far
        found = []
        current = None  # the obligation that is open
        for today in sorted(starts_on.keys() | closers.days()):
            if today < first_start:
                continue
            # 1. the obligation opened on an earlier day
            if current is not None:
                self.close_earlier(current, today, closers, used)
                if current.closed is not None:
                    current = None

            # 2. starts of the day
            opening = self.opening_today(limit, case, starts_on.get(today, ()))
            if not opening:
                continue
            if limit.per == "once" and today != first_start:
                note(limit.id, "not opened: not the first")
                continue
            if limit.per in ("case", "subject") and current is not None:
                note(limit.id, "not opened: one is open")
                continue
            if limit.per == "cycle" and current is not None:
                current.close("lapsed", today, "superseded")
            new = Obligation(limit, today, opening[0][2], self.due(limit, case, today))
            note(limit.id, "opened")
            found.append(new)

            # before the start; 3. the obligation opened today
            self.close_by_early(new, starts, closers, used)
            if new.closed is None:
                self.close_today(new, closers, used)
            current = new if new.closed is None else None
        return found

    def opening_today(self, limit, case, starts_today):
        opening = []
        for day, event, subject in starts_today:
            reason = self.why_not(limit, case, day, event, subject)
            if reason is None:
                opening.append((day, event, subject))
            else:
                note(limit.id, "not opened:", reason)
        if len(opening) > 1:
            note(limit.id, "several starts of one day")
        if opening and any(end < opening[0][0] for end in case.life(limit.life).ends):
            note(limit.id, "starts in a new life")
        return opening

    def close_earlier(self, current, today, closers, used):
        """Step 1."""
        discharges = closers.discharges.get(today)
        if discharges:
            used.add(discharges[0])
            current.close("discharged", today, "discharged later")
        elif today in closers.voids:
            current.close("voided", today, "voided later")
        elif today == closers.fifth_birthday:
            current.close("voided", today, "voided on the fifth birthday")
        elif today in closers.lapses:
            current.close("lapsed", today, "lapsed later")
        elif today in closers.ends:
            current.close("lapsed", today, "lapsed at end of life")

    def close_by_early(self, new, starts, closers, used):
        """A discharge event on the `early_days` before the start."""
        if not new.limit.early_days:
            return
        first = self.early_window(new.limit, starts, new.start)
        early = [item for day in sorted(closers.discharges) if first <= day < new.start
                 for item in closers.discharges[day] if item not in used]
        if early:
            used.add(early[0])
            new.close("discharged", early[0][0], "discharged before the start")

    def close_today(self, new, closers, used):
        """Step 3, with its three restrictions."""
        limit, today = new.limit, new.start

        def not_a_start(items):
            for item in items:
                if not limit.starts.matches(item[1], item[2]):
                    yield item
                else:
                    note(limit.id, "a start closes nothing that opens on its day")

        discharge = None
        for item in not_a_start(closers.discharges.get(today, ())):
            if limit.count in NEVER_DISCHARGED_ON_START_DAY:
                note(limit.id, "not discharged on start day")
            elif item not in used:
                discharge = item
                break
            elif limit.per == "cycle":
                note(limit.id, "discharge event of step 1 counts again")
                discharge = item
                break
            else:
                note(limit.id, "discharge event of step 1 is used up")
        if discharge is not None:
            used.add(discharge)
            new.close("discharged", today, "discharged on start day")
        elif any(not_a_start(closers.voids.get(today, ()))):
            new.close("voided", today, "voided on start day")
        elif any(not_a_start(closers.lapses.get(today, ()))):
            new.close("lapsed", today, "lapsed on start day")
        elif today in closers.ends:
            new.close("lapsed", today, "lapsed at end of life on start day")

    # ------------------------------------------------------------ backward limits

    def backward(self, limit, case, starts):
        discharges = case.matching(limit.discharged_by)
        starts_on = by_day(starts)
        used = set()
        found = []
        for start in sorted(starts_on):
            due = self.due(limit, case, start)
            opened = self.opening_day(limit, case, start, due)
            if opened is None:
                continue
            if len(starts_on[start]) > 1:
                note(limit.id, "several starts of one day")
            note(limit.id, "opened in the future" if start > self.as_of else "opened")
            new = Obligation(limit, start, starts_on[start][0][2], due)
            self.close_backward(new, opened, case, starts, discharges, used)
            found.append(new)
        return found

    def opening_day(self, limit, case, start, due):
        """The day from which the obligation exists; None if it does not, or not yet."""
        if not limit.in_force(start):
            return note(limit.id, "not opened: not in force")
        if not self.applies(limit, case, start, due):
            return note(limit.id, "not opened:", limit.applies)
        usual = start - 365 if limit.count == "notice_weeks" else add_months(start, -12)
        opened = case.life(limit.life).first_day_from(usual)
        if opened is None:
            return note(limit.id, "not opened: life over")
        if opened != usual:
            if opened > due:
                return note(limit.id, "not opened: life over till the due date")
            note(limit.id, "starts in a new life")
        if opened > self.as_of:
            return note(limit.id, "not yet opened")
        return opened

    def close_backward(self, new, opened, case, starts, discharges, used):
        limit, start, as_of = new.limit, new.start, self.as_of
        notice = limit.count == "notice_weeks"
        last = min(as_of, start) if notice else as_of
        first = self.early_window(limit, starts, start)
        never = as_of + 1

        taken = next((item for item in discharges if first <= item[0] <= last and item not in used), None)
        discharged = taken[0] if taken else never
        voids = [day for day, _, _ in case.matching(limit.voided_by)]
        voided = min([day for day in voids if opened <= day <= last], default=never)
        lapses = [day for day, _, _ in case.matching(limit.lapsed_by)] + case.life(limit.life).ends
        lapsed = min([day for day in lapses if opened <= day <= last], default=never)
        overtaken = never
        following = [day for day, _, _ in starts if day > start]
        if following and not notice:
            overtaken = max(add_months(following[0], -12), opened)

        first_end = min(discharged, voided, lapsed, overtaken)
        if first_end > as_of:
            note(limit.id, "left open")
        elif first_end == discharged:
            when = "before opening day, before" if discharged < opened else "before" if discharged < start else (
                "on" if discharged == start else "after")
            used.add(taken)
            new.close("discharged", discharged, "discharged " + when + " the start")
        elif first_end == voided:
            new.close("voided", voided, "voided")
        elif first_end == lapsed:
            new.close("lapsed", lapsed, "lapsed at end of life")
        else:
            new.close("lapsed", overtaken, "lapsed before the next start"
                      + (", on its opening day" if overtaken == opened else ""))
