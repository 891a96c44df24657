"""Realistic timelines: one plausible history per case, from the request to the end of the plan."""

from datetime import date

from counting import add_months

BODIES = ["education", "psychology", "health", "social_care", "parent"]


class Realistic:
    def __init__(self, rng, as_of):
        self.rng, self.as_of = rng, as_of

    def case(self):
        """(born, [(event, subject, day)], [(ground, from, to)])"""
        rng = self.rng
        self.events, self.claims, self.over = [], [], False
        self.start = self.as_of - rng.randint(0, 5 * 365)
        self.born = self.start - rng.randint(2 * 365, 19 * 365) if rng.random() > 0.03 else None
        if rng.random() < 0.06:
            self.transferred_in(self.start)
        else:
            self.request(self.start)
        future = ("review_arranged", "phase_transfer", "moved_out")
        return self.born, [item for item in self.events if item[2] <= self.as_of or item[0] in future], self.claims

    def add(self, event, day, subject=""):
        self.events.append((event, subject, day))
        return day

    def after(self, day, usual, spread, slow=0.15):
        """A day about `usual` days on; now and then much later."""
        rng = self.rng
        late = rng.randint(1, 120) if rng.random() < slow else 0
        return day + max(0, usual + rng.randint(-spread, spread // 2)) + late

    # ------------------------------------------------------------ the twenty weeks

    def request(self, day):
        rng = self.rng
        self.add("request_received", day, rng.choice(["parent", "school", "school", "young_person", "health"]))
        if rng.random() < 0.04:
            self.add("request_received", day + rng.randint(1, 60), "parent")
        if rng.random() < 0.03:
            self.add("request_withdrawn", day + rng.randint(1, 100))
            return
        if rng.random() < 0.08:
            self.claim(day)
        decided = self.after(day, 39, 12)
        if rng.random() < 0.25:
            self.add("assess_refused", decided)
            if rng.random() < 0.4:
                self.dispute(decided, "assess")
            return
        self.add("assess_agreed", decided)
        asked = decided + rng.randint(0, 5)
        for body in rng.sample(BODIES, rng.randint(2, 5)):
            self.add("advice_requested", asked, body)
            if rng.random() < 0.08:
                self.add("appointment_missed", asked + rng.randint(5, 40), body)
            if rng.random() < 0.9:
                self.add("advice_received", self.after(asked, 38, 15), body)
        issue = self.after(asked, 56, 10)
        if rng.random() < 0.07:
            self.add("issue_refused", issue)
            if rng.random() < 0.5:
                self.dispute(issue, "make_plan")
            return
        self.add("issue_agreed", issue)
        self.draft(issue + rng.randint(1, 14))

    def draft(self, day):
        rng = self.rng
        self.add("draft_sent", day)
        if rng.random() < 0.15:
            self.add("draft_sent", day + rng.randint(5, 30))
        self.consult(day + rng.randint(0, 10))
        issued = self.after(day, 28, 12)
        self.add("plan_issued", issued)
        self.plan(issued)

    def consult(self, day):
        for number in range(self.rng.randint(1, 4)):
            place = "I%d" % self.rng.randint(1, 40)
            self.add("consultation_sent", day + number, place)
            if self.rng.random() < 0.8:
                self.add("consultation_replied", self.after(day + number, 13, 8), place)

    # ------------------------------------------------------------ the life of a plan

    def transferred_in(self, day):
        self.add("plan_transferred_in", day)
        if self.rng.random() < 0.9:
            self.add("transfer_informed", self.after(day, 20, 30))
        self.plan(day)

    def plan(self, issued):
        rng = self.rng
        if rng.random() < 0.1:
            self.dispute(issued, rng.choice(["amend", "placement"]))
        if rng.random() < 0.06:
            paid = self.add("direct_payment_started", issued + rng.randint(5, 200))
            if rng.random() < 0.8:
                self.add("direct_payment_reviewed", self.after(paid, 85, 20))
            if rng.random() < 0.15:
                self.add("direct_payment_ended", paid + rng.randint(30, 300))
        self.transfers(issued)
        last = issued
        while last <= self.as_of + 300 and not self.over:
            roll = rng.random()
            if roll < 0.04:
                return self.move(last + rng.randint(10, 300))
            if roll < 0.08:
                return self.cease(last + rng.randint(10, 300))
            if roll < 0.12:
                self.reassess(last + rng.randint(10, 250))
            if roll > 0.99:
                self.add("case_closed", last + rng.randint(10, 300), rng.choice(["deceased", "left_england"]))
                return None
            last = self.review(last)
        return None

    def review(self, last):
        rng = self.rng
        meeting = self.after(last, 325, 60)
        if meeting > self.as_of or rng.random() < 0.9:
            if meeting <= self.as_of + 120:
                self.add("review_arranged", meeting)
        if rng.random() < 0.05:
            self.add("review_arranged", meeting - rng.randint(1, 40))
        if rng.random() < 0.9:
            self.add("review_invited", meeting - rng.randint(8, 40))
        if rng.random() < 0.85:
            self.add("review_papers_sent", meeting - rng.randint(8, 30))
        self.add("review_meeting", meeting)
        if rng.random() < 0.85:
            self.add("review_report_sent", self.after(meeting, 12, 8))
        decided = self.after(meeting, 25, 10)
        roll = rng.random()
        if roll < 0.55:
            self.add("review_decided_maintain", decided)
        elif roll < 0.96:
            self.add("review_decided_amend", decided)
            noticed = self.add("amendment_notice_sent", decided + rng.choice([0, 0, 0, 10, 40]))
            event = "amendment_dropped" if rng.random() < 0.06 else "plan_amended"
            if rng.random() < 0.92:
                self.add(event, self.after(noticed, 45, 20))
        else:
            self.add("review_decided_cease", decided)
            self.cease(decided)
        return decided

    def transfers(self, issued):
        rng = self.rng
        if self.born is None:
            return
        birth = date.fromordinal(self.born)
        for age, kind in ((5, "school"), (11, "school"), (16, "post16"), (18, "post16_move")):
            year = birth.year + age + (1 if birth.month > 8 else 0)
            day = date(year, 9, 1).toordinal()
            if issued - 200 < day < self.as_of + 500 and rng.random() < 0.85:
                self.add("phase_transfer", day, kind)
                target = date(year, 3, 30).toordinal() if kind != "school" else date(year, 2, 14).toordinal()
                if rng.random() < 0.85:
                    self.add("transfer_plan_sent", self.after(target, -10, 40))

    def reassess(self, day):
        rng = self.rng
        self.add("reassess_requested", day)
        if rng.random() < 0.1:
            self.add("reassess_withdrawn", day + rng.randint(1, 40))
            return
        decided = self.after(day, 13, 6)
        if rng.random() < 0.4:
            self.add("reassess_refused", decided)
            return
        self.add("reassess_agreed", decided)
        if rng.random() < 0.3:
            self.claim(decided)
        if rng.random() < 0.85:
            self.add("reassess_plan_sent", self.after(decided, 92, 20))

    def move(self, day):
        rng = self.rng
        known = self.add("move_known", day)
        moved = day + rng.choice([-10, 0, 3, 14, 21, 25, 40, 90])
        self.add("moved_out", moved)
        if rng.random() < 0.12:
            self.add("move_cancelled", known + rng.randint(1, 20))
            return
        if rng.random() < 0.9:
            self.add("plan_transferred_out", max(known, moved) + rng.choice([0, 0, 1, 10, 20, 30]))
            if rng.random() < 0.2:
                self.transferred_in(max(known, moved) + rng.randint(60, 400))

    def cease(self, day):
        rng = self.rng
        self.over = True
        self.add("cease_notified", day)
        if rng.random() < 0.2:
            self.add("mediation_certificate", day + rng.randint(5, 60))
        if rng.random() < 0.3:
            appeal = self.add("appeal_received", day + rng.randint(10, 70))
            self.add("appeal_response_sent", self.after(appeal, 42, 10))
            if rng.random() < 0.3:
                self.add("appeal_withdrawn", appeal + rng.randint(10, 120))
            else:
                self.add("tribunal_order", appeal + rng.randint(60, 250),
                         rng.choice(["cease", "continue", "continue_amend"]))
        if rng.random() < 0.8:
            self.add("plan_ceased", add_months(day, 2) + rng.choice([-20, 0, 1, 5, 30, 200]))

    # ------------------------------------------------------------ mediation, appeals, exceptions

    def dispute(self, day, about):
        rng = self.rng
        if rng.random() < 0.6:
            kind = rng.choice(["health", "other"])
            asked = self.add("mediation_requested", day + rng.randint(3, 50), kind)
            if kind == "health" and rng.random() < 0.8:
                self.add("icb_notified", self.after(asked, 3, 2))
            if rng.random() < 0.8:
                held = self.add("mediation_held", self.after(asked, 25, 10))
                if rng.random() < 0.4:
                    agreed = self.add("mediation_agreed", held, rng.choice(["appealable", "other"]))
                    if rng.random() < 0.8:
                        self.add("mediation_done", self.after(agreed, 10, 6))
            self.add("mediation_certificate", asked + rng.randint(5, 45))
        if rng.random() < 0.6:
            self.appeal(day + rng.randint(20, 80), about)

    def appeal(self, day, about):
        rng = self.rng
        self.add("appeal_received", day)
        if rng.random() < 0.85:
            self.add("appeal_response_sent", self.after(day, 42, 10))
        roll = rng.random()
        if roll < 0.2:
            self.add("appeal_withdrawn", day + rng.randint(10, 150))
            return
        ordered = day + rng.randint(90, 300)
        if roll < 0.5:
            ordered = self.add("appeal_conceded", day + rng.randint(20, 120), about)
            if rng.random() < 0.5:
                self.add("tribunal_order", ordered + rng.randint(0, 40), about)
        elif about == "make_plan" and roll < 0.6:
            self.add("tribunal_order", ordered, "reconsider")
        else:
            self.add("tribunal_order", ordered, about)
        if rng.random() < 0.2:
            self.claim(ordered)
        if about == "assess":
            self.add("assess_agreed", self.after(ordered, 12, 6))
            if rng.random() < 0.2:
                self.add("issue_refused", self.after(ordered, 65, 10))
            else:
                self.draft(self.after(ordered, 60, 10))
        elif about == "make_plan":
            self.draft(self.after(ordered, 30, 10))
        else:
            self.add("plan_amended", self.after(ordered, 30 if about == "amend" else 13, 10))

    def claim(self, day):
        rng = self.rng
        ground = rng.choice(["school_closed", "personal", "absent", "claimed"])
        first = day + rng.randint(0, 60)
        if ground == "claimed" and rng.random() < 0.6:
            self.claims.append((ground, None, None))
            return
        last = None if rng.random() < 0.15 else first + rng.choice([10, 15, 28, 35, 42])
        self.claims.append((ground, first, last))
