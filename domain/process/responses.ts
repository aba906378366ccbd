import { addDays, daysBetween } from '../calendar/dates.js';
import type { AboutDue, Distance, Recipient, Response, Text, Value } from '../model/definition.js';
import type { Fen, LocalDate, ObligationId, RoleId, UnitId, UserId } from '../model/ids.js';
import { formatYuan } from '../money/fen.js';
import { parameterValue } from '../model/parameters.js';
import type { Address, Obligation, Origin, Proposed } from '../model/state.js';
import { dateFor } from './deadlines.js';
import { BLANK } from './blank.js';
import type { Draft } from './draft.js';
import { isOwn, nextNoticeTime, shelve } from './ladder.js';
import { followUpId } from './obligation-ids.js';
import { conditionHolds } from './conditions.js';

const SYSTEM = 'system' as UserId;

/** What a response speaks about: an obligation, or a milestone of a unit. */
export interface About {
  /** Obligation id or milestone key. */
  readonly id: string;
  readonly title: string;
  readonly clause: readonly string[];
  readonly unit: UnitId;
  readonly due: LocalDate | null;
  readonly dueVersion: number;
  readonly obligation: Obligation | null;
  /** Whose act it follows, and why; absent = nobody's. */
  readonly by?: UserId;
  readonly reason?: string | null;
}

export function aboutObligation(draft: Draft, obligation: Obligation): About {
  const { origin } = obligation;
  const clause = clauseOf(draft, origin);
  const { id, title, unit, due, dueVersion } = obligation;
  return { id, title, clause, unit, due, dueVersion, obligation };
}

const clauseOf = ({ frame: { definition } }: Draft, origin: Origin): readonly string[] =>
  (origin.kind === 'duty'
    ? definition.duties[origin.duty]?.clause
    : origin.kind === 'case'
      ? definition.cases?.[origin.case]?.states.find(({ id }) => id === origin.state)?.clause
      : undefined) ?? [];

export type ProposedResponse = Exclude<Proposed, { kind: 'act' }>;

/** Carries out a response. `rung`: index of the rung, or the response's place (`missed.0`); with the due version it names the notice. */
export function respond(draft: Draft, response: Response, about: About, rung: string): void {
  if (response.if !== null && !conditionHolds(draft, response.if, about)) return;
  if (response.kind === 'open' || response.kind === 'retry') aboutDue(draft, response, about, rung);
  else if (response.confirm !== null) propose(draft, response, response.confirm, about, rung);
  else carryOut(draft, proposedOf(response), about, rung, null);
}

/** What a case does about its due: the rows' next turn opens the other case, the next round takes the due. */
function aboutDue(draft: Draft, response: AboutDue, { obligation, dueVersion, by = SYSTEM, reason = null }: About, rung: string): void {
  if (!obligation?.subject || obligation.case === undefined) return;
  const { type, round, fields } = obligation.case;
  const { due } = obligation.subject;
  if (response.kind === 'retry')
    draft.emit({
      type: 'free',
      at: draft.now,
      case: obligation.id,
      due,
      deduction: response.deduction,
      afterRound: round,
      extra: true,
      by,
      reason,
    });
  else
    draft.emit({
      type: 'opening',
      at: draft.now,
      opening: {
        id: `${obligation.id}#${dueVersion}.${rung}`,
        type: response.case,
        due,
        event: `${type}.${rung.split('.')[0] ?? ''}`,
        cause: { ...fields, ...(round > 0 ? { round } : {}), case: obligation.id },
      },
      by,
    });
}

const proposedOf = (response: Exclude<Response, AboutDue>): ProposedResponse =>
  response.kind === 'tell'
    ? { kind: 'tell', text: response.text, to: response.to, mandatory: response.mandatory }
    : { kind: 'flag', report: response.report };

/** Sends the notice or sets the flag: at once for plain responses, on release for proposed ones. */
export function carryOut(draft: Draft, proposed: ProposedResponse, about: About, rung: string, releasedBy: RoleId | null): void {
  if (proposed.kind === 'flag') {
    draft.emit({
      type: 'flag',
      report: proposed.report,
      unit: about.unit,
      about: about.id,
      on: draft.today,
      daysLate: daysLate(draft, about),
    });
    return;
  }
  const textId = proposed.text;
  const to = addressesOf(draft, proposed.to, about);
  const id = `${about.id}#${about.dueVersion}.${rung}`;
  draft.emit({
    type: 'notice',
    notice: {
      id,
      obligation: about.obligation?.id ?? null,
      dueVersion: about.dueVersion,
      rung,
      text: textId,
      to,
      mandatory: proposed.mandatory,
      // What a person releases goes out at once; everything else at notice time, also when a clock that stood still goes on at night.
      sendAt: releasedBy === null ? nextNoticeTime(draft.frame, draft.now, proposed.mandatory) : draft.now,
      fields: { ...parametersIn(draft, textId, about), ...fieldsOf(draft, about) },
      releasedBy,
    },
  });
  const text = draft.frame.definition.texts[textId];
  // A notice about a follow-up asks for no further follow-up, else each late reply would owe another reply.
  if (text && (about.obligation === null || isOwn(about.obligation))) for (const address of to) followUp(draft, text, about, id, address);
}

function addressesOf(draft: Draft, recipients: readonly Recipient[], about: About): readonly Address[] {
  // Who owes an answer hears of it too, whomever the ladder of the duty addresses.
  const all: readonly Recipient[] = about.obligation === null || isOwn(about.obligation) ? recipients : ['owner', ...recipients];
  const found = all.flatMap((recipient) => {
    const roles = recipient === 'owner' ? ownersOf(about) : [recipient];
    return roles.flatMap((role) => (role === 'person' ? subjectOf(about) : draft.frame.addresses(role, about.unit)));
  });
  // A tree may skip levels (villages directly under the town): what would reach nobody goes to the leading role.
  const reached = found.length > 0 ? found : draft.frame.addresses(draft.frame.definition.leads, about.unit);
  return reached.filter((address, i) => reached.findIndex(({ role, unit }) => role === address.role && unit === address.unit) === i);
}

/** The person whom a row is about; nobody for what offices owe. */
const subjectOf = ({ obligation, unit }: About): readonly Address[] => (obligation?.subject ? [{ role: 'person', unit }] : []);

/** A joint obligation's ladder speaks to the parts that are missing. */
function ownersOf({ obligation }: About): readonly RoleId[] {
  if (obligation === null) return [];
  // Signatures that differ are all asked again.
  if (obligation.case !== undefined && obligation.differences.length > 0) return obligation.owes;
  return obligation.owes.filter((role) => !obligation.parts.some((part) => part.role === role));
}

const daysLate = (draft: Draft, { due }: About): number => (due === null ? 0 : Math.max(0, daysBetween(due, draft.today)));

function fieldsOf(draft: Draft, about: About): Readonly<Record<string, Value>> {
  const { frame, today } = draft;
  return {
    title: about.title,
    unit: frame.unit(about.unit)?.name ?? about.unit,
    clause: about.clause.join('、'),
    year: frame.setting.year,
    ...(about.due === null
      ? {}
      : { due: about.due, daysLeft: Math.max(0, daysBetween(today, about.due)), daysLate: daysLate(draft, about) }),
    ...caseFieldsOf(draft, about),
  };
}

/** What a case knows, as it is printed; `short` is what its amount exceeds the deposit by. */
function caseFieldsOf({ frame: { definition } }: Draft, { obligation }: About): Readonly<Record<string, Value>> {
  const standing = obligation?.case;
  if (standing === undefined) return {};
  const { amount, deposited = 0 } = standing.fields;
  const short = typeof amount === 'number' && typeof deposited === 'number' ? { short: yuan(Math.max(0, amount - deposited)) } : {};
  const shown = Object.entries(standing.fields).map(([id, value]): [string, Value] => {
    const field = definition.cases?.[standing.type]?.fields.find((one) => one.id === id);
    if (field?.type === 'money' && typeof value === 'number') return [id, yuan(value)];
    return [id, field?.codes[String(value)] ?? value];
  });
  return { ...short, ...Object.fromEntries(shown) };
}
const yuan = (fen: number): string => formatYuan(fen as Fen);

/** The parameters that a text names, as they are for the unit at this time: amended, and the unit's own where it has one. */
function parametersIn(draft: Draft, textId: string, about: About): Readonly<Record<string, Value>> {
  const { setting, definition } = draft.frame;
  const say = definition.texts[textId]?.say;
  const named: Record<string, Value> = {};
  for (const [, id = ''] of `${say?.zh ?? ''}${say?.en ?? ''}`.matchAll(/\{(\w+)\}/g)) {
    const value = definition.parameters[id] ? parameterValue(setting, id, about.unit) : null;
    if (value !== null) named[id] = value;
  }
  return named;
}

const propose = (draft: Draft, response: Exclude<Response, AboutDue>, confirm: RoleId, about: About, rung: string): void =>
  oweRelease(draft, proposedOf(response), confirm, about, `${about.dueVersion}.${rung}`);

/** What waits for a second person is an obligation of that role: release it, or drop it with a reason. Owed by the next day. */
export function oweRelease(draft: Draft, proposed: Proposed, confirm: RoleId, about: About, rung: string): void {
  const unit = draft.frame.addresses(confirm, about.unit)[0]?.unit ?? about.unit;
  const origin: Origin = { kind: 'confirm', of: about.id, rung, proposed };
  stand(draft, followUpId('confirm', `${about.id}#${rung}`, unit, confirm), origin, [confirm], about, unit, addDays(draft.today, 1));
}

/**
 * A text with `receive` or `reply` makes obligations of the addressee, counted from sending (签收, 反馈). While one about the same obligation is
 * open, a further notice asks for no second one: who has not answered the first reminder owes one answer, not five.
 */
function followUp(draft: Draft, text: Text, about: About, notice: string, address: Address): void {
  for (const kind of ['receive', 'reply'] as const) {
    const within = text[kind];
    if (within === null) continue;
    const first = followUpId(kind, `${about.id}#${about.dueVersion}`, address.unit, address.role);
    if (draft.find(first)) continue;
    const id = draft.closedMark(first) ? followUpId(kind, notice, address.unit, address.role) : first;
    stand(draft, id, { kind, of: about.id, notice }, [address.role], about, address.unit, dayAfter(draft, within, address.unit));
  }
}

/** The checker owes the check (核查) of a reply or a discharged duty, within the text's reply time or by the next day. */
export function oweCheck(draft: Draft, checker: RoleId, of: ObligationId, about: About, notice: string | null): void {
  const [address] = draft.frame.addresses(checker, about.unit);
  const unit = address?.unit ?? about.unit;
  const reply = textOfNotice(draft, notice)?.reply ?? null;
  const due = reply === null ? addDays(draft.today, 1) : dayAfter(draft, reply, unit);
  stand(draft, followUpId('check', `${of}+${draft.state.seq}`, unit, checker), { kind: 'check', of, notice }, [checker], about, unit, due);
}

/** The text a notice was made of: its id ends in the rung of a ladder or the place of a response. */
export function textOfNotice(draft: Draft, notice: string | null): Text | null {
  if (notice === null) return null;
  const mark = notice.lastIndexOf('#');
  const of = notice.slice(0, mark);
  const at = notice.slice(mark + 1);
  const rung = at.slice(at.indexOf('.') + 1);
  const response = responseAt(draft, of, rung);
  return response?.kind === 'tell' ? (draft.frame.definition.texts[response.text] ?? null) : null;
}

function responseAt(draft: Draft, of: string, rung: string): Response | null {
  const { definition } = draft.frame;
  const element = of.slice(0, of.indexOf('/'));
  const [place = '', index = ''] = rung.split('.');
  const duty = definition.duties[element];
  const milestone = definition.milestones[element];
  if (place === 'missed') return (duty?.missed ?? milestone?.missed ?? [])[Number.parseInt(index, 10)] ?? null;
  if (place === 'met') return (milestone?.met ?? [])[Number.parseInt(index, 10)] ?? null;
  return duty ? (definition.ladders[duty.ladder]?.rungs[Number(place)]?.response ?? null) : null;
}

/** Days after sending; null in a year whose working days are not known yet: the follow-up then waits for the calendar. */
function dayAfter(draft: Draft, within: Distance, unit: UnitId, since: LocalDate = draft.today): LocalDate | null {
  const expr = { text: 'since', anchor: { kind: 'since' as const }, distances: [within], roll: 'none' as const, outside: true };
  const found = dateFor(draft, expr, { unit, insurance: null, period: null, window: null, since });
  return 'waiting' in found ? null : found.date;
}

/** The due day of a follow-up that waited for a calendar; null while it is still unknown. */
export function followUpDue(draft: Draft, { origin, unit, since }: Obligation): LocalDate | null {
  if (origin.kind === 'duty' || origin.kind === 'case' || origin.kind === 'confirm') return null;
  const text = textOfNotice(draft, origin.notice);
  const within = origin.kind === 'check' ? text?.reply : text?.[origin.kind];
  return within ? dayAfter(draft, within, unit, since) : null;
}

const KIND_TITLES: Readonly<Record<Origin['kind'], string>> = {
  duty: '',
  case: '',
  confirm: '确认发出：',
  receive: '签收：',
  reply: '反馈：',
  check: '核查：',
};

function stand(
  draft: Draft,
  id: ObligationId,
  origin: Origin,
  owes: readonly RoleId[],
  about: About,
  unit: UnitId,
  due: LocalDate | null,
): void {
  if (draft.find(id) || draft.closedMark(id)) return;
  const ladder = about.obligation?.ladder ?? null;
  shelve(draft, {
    ...BLANK,
    id,
    origin,
    title: `${KIND_TITLES[origin.kind]}${about.title}`,
    unit,
    insurance: null,
    period: null,
    window: null,
    owes,
    ladder,
    status: due === null ? 'waiting' : 'open',
    since: draft.today,
    due,
    waitsFor: due === null ? 'calendar' : null,
    ladderFrom: draft.now,
    late: false,
    ...(about.obligation?.subject ? { subject: about.obligation.subject } : {}),
  });
}
