"""Wild timelines: any event on any day, crowded on purpose around the edges that the rulebook draws."""

from datetime import date

from counting import add_months, birthday, months_starting_with, parse_day

VOCABULARY = {
    "request_received": ["parent", "young_person", "school", "health", "social_care", "other"],
    "advice_requested": ["education", "psychology", "health", "social_care", "parent", "other"],
    "consultation_sent": ["I1", "I2", "i2", "I10", "\u00c91"],
    "phase_transfer": ["school", "post16", "post16_move"],
    "mediation_requested": ["health", "other"],
    "mediation_agreed": ["appealable", "other"],
    "tribunal_order": ["assess", "make_plan", "reconsider", "amend", "placement", "cease", "continue", "continue_amend"],
    "appeal_conceded": ["assess", "make_plan", "amend", "placement", "continue_amend"],
    "case_closed": ["deceased", "left_england", "duplicate", "other"],
}
VOCABULARY["advice_received"] = VOCABULARY["appointment_missed"] = VOCABULARY["advice_requested"]
VOCABULARY["consultation_replied"] = VOCABULARY["consultation_sent"]

IN_FORCE = parse_day("2014-09-01")
SPECIAL = ("cease_floor_months", "move_working_days", "transfer_review_months")
# What a limit needs about it to be interesting, beside the events of its own row.
COMPANIONS = {
    "plan_exists": ["plan_issued", "plan_transferred_in", "plan_ceased", "plan_transferred_out"],
    "plan_by_due": ["plan_issued", "plan_transferred_in"],
    "move_working_days": ["moved_out", "move_cancelled", "move_known", "plan_issued"],
    "cease_floor_months": ["mediation_certificate", "appeal_received", "appeal_withdrawn", "tribunal_order",
                           "appeal_conceded", "plan_issued"],
    "transfer_review_months": ["plan_issued", "review_decided_maintain"],
    "request": ["request_withdrawn", "moved_out"],
    "plan": ["plan_ceased", "plan_transferred_out", "plan_issued", "plan_transferred_in", "tribunal_order"],
    "case": [],
    "X1": ["advice_requested"],
    "X2": ["appointment_missed"],
    "X3": ["appeal_received", "appeal_conceded"],
}


class Wild:
    def __init__(self, rng, rulebook, as_of):
        self.rng, self.rulebook, self.as_of = rng, rulebook, as_of
        self.names = sorted(rulebook.events)
        self.rare = [limit for limit in rulebook.limits
                     if limit.backward or limit.per == "subject" or limit.applies or limit.requires
                     or limit.count in SPECIAL
                     or limit.exceptions != "none" or limit.early_days]
        self.rare += 3 * [limit for limit in rulebook.limits if limit.count in SPECIAL or limit.applies]

    def case(self):
        """(born, [(event, subject, day)], [(ground, from, to)])"""
        rng = self.rng
        self.span = rng.choice([0, 1, 2, 4, 8, 30, 90, 200, 400, 800, 2000])
        self.base = self.pick_base()
        self.events, self.claims, self.born = [], [], self.pick_birth(self.base)
        quiet = rng.random() < 0.3  # little else happens, so that an edge survives
        focus = rng.sample(self.rare if rng.random() < 0.5 else self.rulebook.limits, 1 if quiet else rng.randint(1, 3))
        palette = [item for limit in focus for item in self.palette(limit)]
        for _ in range(rng.choice([0, 0, 1] if quiet else [0, 1, 2, 4, 8, 14, 22])):
            if rng.random() < 0.85:
                self.add(*rng.choice(palette), self.any_day())
            else:
                self.add(rng.choice(self.names), None, self.any_day())
        for limit in focus:
            if quiet or rng.random() < 0.75:
                self.precise(limit)
        if rng.random() < (0.05 if quiet else 0.25):
            self.lives()
        if rng.random() < (0.02 if quiet else 0.08):
            self.add("case_closed", None, self.any_day())
        return self.born, self.events, self.claims

    # ------------------------------------------------------------ parts

    def pick_base(self):
        rng, roll = self.rng, self.rng.random()
        if roll < 0.06:
            return IN_FORCE - rng.randint(0, 20)
        if roll < 0.30:
            return self.as_of - rng.randint(0, self.span + 5)
        if roll < 0.40:
            return parse_day("2024-02-25") + rng.randint(0, 6)
        if roll < 0.48:  # the end of a year, and the Tribunal's August
            return date(rng.randint(2015, 2027), rng.choice([7, 12]), rng.randint(20, 31)).toordinal()
        return self.as_of - rng.randint(20, 2200)

    def any_day(self):
        rng = self.rng
        if rng.random() < 0.04:
            return self.as_of + rng.randint(-2, 30)
        if self.events and rng.random() < 0.2:
            return rng.choice(self.events)[2] + rng.choice([0, 0, 0, 1, -1, 28, -28, 27])
        return self.base + rng.randint(0, self.span)

    def pick_birth(self, about):
        rng, roll = self.rng, self.rng.random()
        if roll < 0.1:
            return None
        if roll < 0.25:
            return parse_day(rng.choice(["2012-02-29", "2016-02-29", "2020-02-29"]))
        if roll < 0.7:
            return add_months(about + rng.randint(-3, self.span + 250), -60)
        return about - rng.randint(0, 9000)

    def subject(self, event, near=None):
        rng, words = self.rng, VOCABULARY.get(event)
        if words is None:
            return ""
        if near in words and rng.random() < 0.6:
            return near
        if rng.random() < 0.04 and event != "phase_transfer":
            return ""
        return rng.choice(words[:2] if rng.random() < 0.5 else words)

    def add(self, event, subject, day):
        if subject is None:
            near = self.rng.choice(self.events)[1] if self.events else None
            subject = self.subject(event, near)
        self.events.append((event, subject, day))

    @staticmethod
    def items(pattern):
        found = []
        for event, subjects in sorted(pattern.subjects.items()):
            found += [(event, None)] if subjects is None else [(event, word) for word in sorted(subjects)]
        return found

    def palette(self, limit):
        found = self.items(limit.starts) * 3 + self.items(limit.discharged_by) * 2
        found += self.items(limit.voided_by) + self.items(limit.lapsed_by) + self.items(limit.requires)
        for key in (limit.applies, limit.count, limit.life, limit.exceptions):
            found += [(event, None) for event in COMPANIONS.get(key, ())]
        return found

    def lives(self):
        """Ends and new beginnings of the plan, some on one day."""
        day = self.any_day()
        for _ in range(self.rng.randint(1, 4)):
            self.add(*self.rng.choice([("plan_ceased", ""), ("plan_transferred_out", ""), ("plan_issued", ""),
                                       ("plan_transferred_in", ""), ("tribunal_order", "continue"),
                                       ("tribunal_order", "continue_amend"), ("moved_out", ""),
                                       ("move_cancelled", ""), ("move_known", ""),
                                       ("request_withdrawn", "")]), day)
            day += self.rng.choice([0, 0, 1, 5, 40])

    # ------------------------------------------------------------ one obligation with events on its edges

    def usual_due(self, limit, start):
        """The due date, where no other fact of the case moves it."""
        calendar = self.rulebook.calendar
        if limit.count == "move_working_days":
            return calendar.working_days_beginning_with(start, limit.n)
        if limit.count == "transfer_review_months":
            return months_starting_with(start, 3)
        if limit.count == "cease_floor_months":
            return add_months(start, limit.n)
        return calendar.plain_count(limit.count, start, limit.n)

    def start_for(self, limit, due):
        """A start from which the limit falls due on the day, or near it."""
        near = due - (self.usual_due(limit, due) - due)
        if limit.count.startswith("before_"):
            near = due + self.rng.randint(-40, 300)
        exact = [day for day in range(near - 15, near + 16) if self.usual_due(limit, day) == due]
        return self.rng.choice(exact) if exact else near

    def precise(self, limit):
        rng = self.rng
        start = self.any_day()
        length = abs(self.usual_due(limit, start) - start)
        lonely = False
        if rng.random() < 0.5:  # the due date or the warning falls about the as-of date
            start = self.start_for(limit, self.as_of + rng.choice([-2, -1, 0, 1, limit.warn_days, limit.warn_days + 1]))
            lonely = rng.random() < 0.6
        elif limit.backward and rng.random() < 0.6:
            opening = add_months(self.as_of, 12) if limit.count != "notice_weeks" else self.as_of + 365
            start = rng.choice([self.as_of, opening]) + rng.randint(-2, 2)
        event, subject = rng.choice(self.items(limit.starts))
        subject = self.subject(event) if subject is None else subject
        self.add(event, subject, start)
        due = self.usual_due(limit, start)
        if limit.count in SPECIAL and (not lonely or rng.random() < 0.3):
            due = self.special(limit, start)
        if limit.applies in ("plan_exists", "plan_by_due") and rng.random() < 0.8:
            around = start if limit.applies == "plan_exists" else due
            self.add(rng.choice(["plan_issued", "plan_transferred_in"]), "",
                     around + rng.choice([0, 1, -1, -5, -50, -300]))
        if limit.applies == "under_five":
            about = rng.choice([start, due, due + 30, due + 30, start + length // 2, due + 400, due + 400])
            self.born = add_months(about + rng.randint(-1, 2), -60)
            if rng.random() < 0.4:
                event = rng.choice(["review_decided_amend", "review_decided_amend", "review_meeting", "plan_ceased"])
                self.add(event, "", birthday(self.born, 5))
        if not lonely:
            self.close(limit, start, subject, due)
        if limit.early_days and not lonely:
            self.early(limit, start)
        if limit.backward and rng.random() < 0.2:
            self.reborn(start, due)
        if limit.requires and rng.random() < 0.8:
            event, _ = rng.choice(self.items(limit.requires))
            self.add(event, "", rng.choice([start, start, due, start - 1, due + 1]))
        if limit.exceptions != "none" and rng.random() < 0.8:
            self.claim(limit, start, subject, due)
        if rng.random() < 0.3:  # a second start soon after
            self.add(*rng.choice(self.items(limit.starts)),
                     start + rng.choice([0, 0, 1, 27, 28, 29, length, length + 1, 200, 365, 400]))

    def close(self, limit, start, subject, due):
        rng = self.rng
        pattern = rng.choice([limit.discharged_by] * 4 + [limit.voided_by, limit.lapsed_by, None])
        ends = {"request": "request_withdrawn moved_out", "plan": "plan_ceased plan_transferred_out", "case": ""}
        items = self.items(pattern) if pattern else []
        if not items:
            items = [(event, "") for event in (ends[limit.life] + " case_closed").split()]
        if items and rng.random() < 0.85:
            event, word = rng.choice(items)
            if word is None:
                word = self.subject(event, subject)
            at = rng.choice([due, due, due - 1, due + 1, due + 1, start, start, (start + due) // 2, due + 20,
                             birthday(self.born, 5) if self.born else due])
            if pattern is not limit.discharged_by and rng.random() < 0.3:
                at = due + 1
            self.add(event, word, at)
            if rng.random() < 0.15:  # a new start on the day of the closing
                event, word = rng.choice(self.items(limit.starts))
                self.add(event, subject if word is None and limit.per == "subject" else word, at)

    def early(self, limit, start):
        rng = self.rng
        for _ in range(rng.randint(0, 2)):
            event, word = rng.choice(self.items(limit.discharged_by))
            self.add(event, word, start - rng.choice([0, 1, limit.early_days - 1, limit.early_days,
                                                      limit.early_days + 1, rng.randint(1, limit.early_days)]))
        if rng.random() < 0.4:
            event, word = rng.choice(self.items(limit.starts))
            self.add(event, word, start - rng.choice([1, 27, 28, 29, 40, 300, 365, 366]))

    def reborn(self, start, due):
        """The plan's life ends before the opening day and begins anew after it."""
        rng, opening = self.rng, add_months(start, -12)
        self.add(rng.choice(["plan_ceased", "plan_transferred_out"]), "", opening - rng.choice([0, 1, 1, 30]))
        self.add(rng.choice(["plan_issued", "plan_transferred_in"]), "",
                 rng.choice([opening, opening + 1, opening + 60, opening + 60, due, due + 1]))
        for _ in range(rng.randint(0, 2)):
            self.add(rng.choice(["transfer_plan_sent", "review_invited", "review_papers_sent", "plan_ceased"]), "",
                     opening + rng.choice([-1, 0, 20, 60, 100]))

    def special(self, limit, start):
        """Facts about a start whose count depends on other facts; an idea of the due date."""
        rng, calendar = self.rng, self.rulebook.calendar
        if limit.count == "move_working_days":
            moved = rng.choice([calendar.working_days_after(start, 15) + rng.randint(-1, 1), start, start - 3,
                                self.as_of + 10, start + 60])
            if rng.random() < 0.85:
                self.add("moved_out", "", moved)
            if rng.random() < 0.2:
                self.add("move_cancelled", "", moved - rng.choice([0, 1, 5]))
            return rng.choice([calendar.working_days_beginning_with(start, 15), max(moved, start)])
        if limit.count == "transfer_review_months":
            if rng.random() < 0.7:
                self.add(rng.choice(["plan_issued", "review_decided_amend"]), "",
                         start - rng.choice([0, 1, 30, 200, 272, 273, 274, 275, 400]))
                if rng.random() < 0.5:
                    return months_starting_with(self.events[-1][2], 12)
            return rng.choice([months_starting_with(start, 3), months_starting_with(start, 12)])
        base = add_months(start, limit.n)
        due = base
        if rng.random() < 0.5:
            certificate = rng.choice([start - 1, start, base - 1, base, base + 1, base - 40])
            self.add("mediation_certificate", "", certificate)
            if rng.random() < 0.3:
                certificate += rng.choice([-1, 1, 20, -20])
                self.add("mediation_certificate", "", certificate)
            due = rng.choice([base, add_months(certificate, 1)])
        for _ in range(rng.choice([0, 0, 1, 2])):
            appeal = rng.choice([start - 1, start, base - 1, base, base + 1])
            self.add("appeal_received", "", appeal)
            if rng.random() < 0.7:
                ended = appeal + rng.choice([0, 1, 60, 150])
                self.add(rng.choice(["tribunal_order", "appeal_withdrawn", "appeal_conceded"]), None, ended)
                due = rng.choice([due, ended - 1])
        return due

    def claim(self, limit, start, subject, due):
        rng = self.rng
        for _ in range(rng.choice([1, 1, 2, 3])):
            ground = rng.choice(["school_closed", "personal", "absent", "claimed"])
            if limit.exceptions == "X1" and rng.random() < 0.4:
                ground = "school_closed"
            length = rng.choice([0, 12, 13, 14, 26, 27, 27, 28, 28, 29, 45])
            first = rng.choice([start, due, due + 1, start - length, start - length - 1, due - length,
                                self.as_of - length, self.as_of - 13, self.as_of + 1, (start + due) // 2])
            last = first + length
            roll = rng.random()
            if roll < 0.12:
                last = None
            elif roll < 0.18:
                last = first - rng.randint(1, 3)
            elif roll < 0.24:
                first = None
            elif roll < 0.30:
                first = last = None
            self.claims.append((ground, first, last))
            if ground == "school_closed" and first and last and rng.random() < 0.9:
                self.add("advice_requested", rng.choice(["education", "education", "education", "health"]),
                         rng.choice([first - 8, first - 7, first, last - 7, last - 6]))
            if limit.exceptions == "X2" and rng.random() < 0.6:
                self.add("appointment_missed", self.subject("appointment_missed", subject),
                         rng.choice([start - 1, start, due, due + 1]))
