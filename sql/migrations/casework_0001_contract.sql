-- casework, version 1: the contract between a council's case system and the daemon.
--
-- The daemon reads these four relations and never writes to them. A DBA either lets programs fill the
-- tables, or replaces each of the first three by a view of the same columns and types over the case
-- system's own tables. The comments on the columns are the contract; `\d+ casework.ehc_event` shows them.

CREATE TABLE casework.ehc_case (
    case_id       bigint PRIMARY KEY,
    case_ref      text   NOT NULL UNIQUE,
    locality      text,
    team          text,
    officer       text,
    date_of_birth date,
    primary_need  text,
    xid           xid8   NOT NULL DEFAULT pg_catalog.pg_current_xact_id()
);

-- No foreign key from an event or an exception to its case, nor from an event to its kind: case systems
-- hold rows of deleted cases, rows whose case comes later in a load, and local kinds of event. A
-- constraint would refuse the load and hide them; the daemon leaves such a row out of every computation
-- and counts it as a finding of data quality.
CREATE TABLE casework.ehc_event (
    event_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id     bigint NOT NULL,
    event       text   NOT NULL,
    subject     text,
    occurred_on date   NOT NULL,
    recorded_at timestamptz DEFAULT now(),
    voided_at   timestamptz,
    xid         xid8   NOT NULL DEFAULT pg_catalog.pg_current_xact_id()
);

CREATE TABLE casework.ehc_exception (
    exception_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id      bigint NOT NULL,
    ground       text   NOT NULL,
    from_on      date,
    to_on        date,
    recorded_at  timestamptz DEFAULT now(),
    voided_at    timestamptz,
    xid          xid8   NOT NULL DEFAULT pg_catalog.pg_current_xact_id()
);

CREATE TABLE casework.event_kind (
    event    text PRIMARY KEY,
    subjects text,
    meaning  text NOT NULL
);

-- The full reading takes each table in the order of case_id, so that one pass merges them: the index
-- gives the order, and no sort is needed. The incremental reading looks for xid.
CREATE INDEX ehc_event_by_case ON casework.ehc_event (case_id, occurred_on);
CREATE INDEX ehc_exception_by_case ON casework.ehc_exception (case_id, from_on);
CREATE INDEX ehc_case_by_xid ON casework.ehc_case (xid);
CREATE INDEX ehc_event_by_xid ON casework.ehc_event (xid);
CREATE INDEX ehc_exception_by_xid ON casework.ehc_exception (xid);

-- The default marks an inserted row; only a trigger can mark a changed one. It does nothing else: above
-- all it sends no NOTIFY, which takes a lock over the whole database at commit and would make the case
-- system's writers queue.
CREATE FUNCTION casework.mark_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.xid := pg_catalog.pg_current_xact_id();
    RETURN NEW;
END $$;

CREATE TRIGGER ehc_case_changed BEFORE UPDATE ON casework.ehc_case
    FOR EACH ROW EXECUTE FUNCTION casework.mark_changed();
CREATE TRIGGER ehc_event_changed BEFORE UPDATE ON casework.ehc_event
    FOR EACH ROW EXECUTE FUNCTION casework.mark_changed();
CREATE TRIGGER ehc_exception_changed BEFORE UPDATE ON casework.ehc_exception
    FOR EACH ROW EXECUTE FUNCTION casework.mark_changed();

INSERT INTO casework.event_kind (event, subjects, meaning) VALUES
    ('request_received', 'source: parent|young_person|school|health|social_care|other',
     'the request for an EHC needs assessment landed at the authority (the day it came in, not the day it was logged or validated)'),
    ('responsibility_began', NULL,
     'the authority became responsible for the child or young person under s.24'),
    ('request_withdrawn', NULL, 'the request was withdrawn before a decision; stops the assessment clocks'),
    ('assess_agreed', NULL, 'family NOTIFIED that an assessment will be made'),
    ('assess_refused', NULL, 'family NOTIFIED that no assessment will be made'),
    ('advice_requested', 'body: education|psychology|health|social_care|parent|other',
     'the body RECEIVED the authority''s request for advice'),
    ('advice_received', 'body', 'that body''s advice reached the authority'),
    ('appointment_missed', 'body',
     'the child missed an appointment for an examination or test by that body'),
    ('issue_agreed', NULL, 'decision that a plan will be issued (internal; panel D2)'),
    ('issue_refused', NULL, 'family NOTIFIED that no plan will be issued'),
    ('consultation_sent', 'institution ref', 'school or college received the consultation'),
    ('consultation_replied', 'institution ref', 'its reply reached the authority'),
    ('draft_sent', NULL, 'draft plan served on the family'),
    ('plan_issued', NULL,
     'finalised plan SENT to family, institution and health body (the last of the three)'),
    ('review_arranged', NULL,
     'annual review meeting arranged; the date is the meeting''s, so usually in the future; a new date is a correction'),
    ('review_meeting', NULL, 'annual review meeting held'),
    ('review_invited', NULL, 'notice of the review meeting given'),
    ('review_papers_sent', NULL, 'advice and information circulated before the meeting'),
    ('review_report_sent', NULL, 'report of the meeting sent'),
    ('review_decided_maintain', NULL, 'family NOTIFIED that the plan is maintained unchanged'),
    ('review_decided_amend', NULL, 'family NOTIFIED that the plan will be amended'),
    ('review_decided_cease', NULL, 'family NOTIFIED that the plan will cease'),
    ('amendment_notice_sent', NULL, 'plan, notice and proposed amendments sent'),
    ('amendment_dropped', NULL, 'family NOTIFIED that after all no amendment is made'),
    ('plan_amended', NULL, 'amended final plan SENT'),
    ('phase_transfer', 'school|post16|post16_move',
     'the day of the transfer (normally in the future); school = any phase change other than to post-16; post16 = secondary school to post-16 institution; post16_move = between post-16 institutions'),
    ('transfer_plan_sent', NULL, 'plan reviewed, amended where needed and sent, naming the next placement'),
    ('reassess_requested', NULL, 'request for a re-assessment received'),
    ('reassess_agreed', NULL, 'family NOTIFIED of (or, own initiative, decision on) a re-assessment'),
    ('reassess_refused', NULL, 'family NOTIFIED that there will be no re-assessment'),
    ('reassess_withdrawn', NULL, 'the request for a re-assessment was withdrawn'),
    ('reassess_plan_sent', NULL, 'plan finalised after re-assessment SENT'),
    ('move_known', NULL,
     'the authority became aware that the family will move or has moved to another authority'),
    ('moved_out', NULL, 'the day of the move to another authority'),
    ('move_cancelled', NULL, 'the move will not happen'),
    ('plan_transferred_out', NULL, 'plan transferred to the new authority'),
    ('plan_transferred_in', NULL, 'plan transferred in from another authority'),
    ('transfer_informed', NULL,
     'family told of the transfer, whether an assessment is proposed and when the plan will be reviewed'),
    ('cease_notified', NULL, 'notice of the decision to cease SENT'),
    ('plan_ceased', NULL, 'the plan actually ended'),
    ('mediation_requested', 'health|other', 'family told the authority that it wants mediation'),
    ('mediation_held', NULL, 'mediation took place'),
    ('icb_notified', NULL, 'each relevant health body told of the mediation issues'),
    ('mediation_certificate', NULL, 'mediation certificate issued'),
    ('mediation_agreed', 'appealable|other', 'mediation agreement dated'),
    ('mediation_done', NULL, 'what was agreed has been done'),
    ('appeal_received', NULL, 'appeal received from the Tribunal'),
    ('appeal_response_sent', NULL, 'authority''s response sent to the Tribunal'),
    ('appeal_withdrawn', NULL, 'the appeal was withdrawn or struck out'),
    ('tribunal_order', 'assess|make_plan|reconsider|amend|placement|cease|continue|continue_amend',
     'date on the order'),
    ('appeal_conceded', 'assess|make_plan|amend|placement|continue_amend',
     'authority told the Tribunal that it will not oppose the appeal'),
    ('direct_payment_started', NULL, 'first direct payment made'),
    ('direct_payment_ended', NULL, 'direct payment ended'),
    ('direct_payment_reviewed', NULL, 'direct payment reviewed'),
    ('case_closed', 'reason: deceased|left_england|duplicate|other',
     'case closed; stops every clock, and none starts after it');

GRANT USAGE ON SCHEMA casework TO ehcwatch_daemon, ehcwatch_reader;
GRANT SELECT ON casework.ehc_case, casework.ehc_event, casework.ehc_exception, casework.event_kind
    TO ehcwatch_daemon, ehcwatch_reader;

COMMENT ON TABLE casework.ehc_case IS
    'One row for each request for an EHC needs assessment and the plan that follows from it, or for a plan '
    'taken over from another authority. A second request after a refusal is a new case. No name of a child '
    'or of an officer belongs here.';
COMMENT ON COLUMN casework.ehc_case.case_id IS
    'The case system''s own number; never used again for another case.';
COMMENT ON COLUMN casework.ehc_case.case_ref IS
    'What people call the case, such as EHC-0000001. It is sent in messages and shown in lists, so it '
    'must not name or number a child: no UPN, no NHS number, no initials.';
COMMENT ON COLUMN casework.ehc_case.locality IS
    'District or area, for filters, counts and the routing of messages.';
COMMENT ON COLUMN casework.ehc_case.team IS
    'Team that holds the case, for filters, counts and routing.';
COMMENT ON COLUMN casework.ehc_case.officer IS
    'Code of the case officer, such as CO-017; empty when nobody holds the case.';
COMMENT ON COLUMN casework.ehc_case.date_of_birth IS
    'Used only for the limits that depend on an age. Empty when unknown: those limits then do not apply.';
COMMENT ON COLUMN casework.ehc_case.primary_need IS
    'SEN2 code of the primary need: ASD, SEMH, SLCN, MLD, SLD, SPLD, PD, PMLD, VI, HI, MSI, OTH.';
COMMENT ON COLUMN casework.ehc_case.xid IS
    'Transaction that last wrote the row; programs leave it alone. Needed by the incremental reading '
    'only.';

COMMENT ON TABLE casework.ehc_event IS
    'What happened in a case, one row for each fact. History is never rewritten: a correction sets '
    'voided_at in the wrong row and adds a right one. Rows may come in any order; only occurred_on orders '
    'them.';
COMMENT ON COLUMN casework.ehc_event.event_id IS 'Number of the row. Its order means nothing.';
COMMENT ON COLUMN casework.ehc_event.case_id IS
    'Case that the fact belongs to. A row of an unknown case takes no part and is counted as a finding.';
COMMENT ON COLUMN casework.ehc_event.event IS
    'Kind of fact, in the words of casework.event_kind. An unknown one takes no part and is counted as a '
    'finding.';
COMMENT ON COLUMN casework.ehc_event.subject IS
    'What event_kind.subjects asks for: a body, an institution, a source. Otherwise empty; NULL and '''' '
    'are the same.';
COMMENT ON COLUMN casework.ehc_event.occurred_on IS
    'Civil date in England on which it happened: received, notified or sent, as event_kind says, not '
    'typed in or approved. Only review_arranged, phase_transfer and moved_out may lie in the future.';
COMMENT ON COLUMN casework.ehc_event.recorded_at IS
    'Instant at which the authority''s database learnt it. NULL when not known; the row then counts as '
    'always known.';
COMMENT ON COLUMN casework.ehc_event.voided_at IS
    'Instant at which the row was found to be wrong; NULL while it stands. Do not delete a wrong row '
    'instead.';
COMMENT ON COLUMN casework.ehc_event.xid IS
    'Transaction that last wrote the row; programs leave it alone. Needed by the incremental reading '
    'only.';

COMMENT ON TABLE casework.ehc_exception IS
    'A claim that a time limit need not be met. The daemon checks the facts of a claim; it never moves a '
    'date.';
COMMENT ON COLUMN casework.ehc_exception.exception_id IS
    'Number of the row. Its order means nothing.';
COMMENT ON COLUMN casework.ehc_exception.case_id IS 'Case that the claim belongs to.';
COMMENT ON COLUMN casework.ehc_exception.ground IS
    'school_closed, personal (exceptional personal circumstances), absent (from the area), or claimed (a '
    'bare flag without dates, as SEN2 carries it).';
COMMENT ON COLUMN casework.ehc_exception.from_on IS
    'First day; for school_closed the first closed day. Without one only a claimed without any date '
    'supports anything.';
COMMENT ON COLUMN casework.ehc_exception.to_on IS
    'Last day; for school_closed the day on which the school re-opens. NULL while it goes on.';
COMMENT ON COLUMN casework.ehc_exception.recorded_at IS 'As in casework.ehc_event.';
COMMENT ON COLUMN casework.ehc_exception.voided_at IS 'As in casework.ehc_event.';
COMMENT ON COLUMN casework.ehc_exception.xid IS 'As in casework.ehc_event.';

COMMENT ON TABLE casework.event_kind IS
    'The vocabulary of casework.ehc_event.event. It comes with the daemon; local kinds need no row here.';
COMMENT ON COLUMN casework.event_kind.event IS 'Word for the kind of fact.';
COMMENT ON COLUMN casework.event_kind.subjects IS
    'What the subject names, with the words allowed where they are fixed; NULL when the kind has no '
    'subject.';
COMMENT ON COLUMN casework.event_kind.meaning IS
    'What happened, and which day counts where the case system may hold several.';
