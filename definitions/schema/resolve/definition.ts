import type { Definition, Duty } from '../../../domain/model/definition.js';
import type { LocalDate } from '../../../domain/model/ids.js';
import { isDate, momentOf } from '../../../domain/calendar/dates.js';
import type { SectionKey } from '../written/file.js';
import type { Item } from './book.js';
import { listOf } from './common.js';
import { caseOf } from './cases.js';
import { deductionOf, roundsOf } from './deductions.js';
import { dutyOf } from './duties.js';
import { amountOf, countOf, groupOf, measureOf, milestoneOf, paperOf, reportOf, ruleOf } from './figures.js';
import { formatOf } from './formats.js';
import { apartOf, forbiddenOf, grantOf, levelOf, parameterOf, roleOf } from './people.js';
import { Reader, type Ledger } from './reader.js';
import { tableOf } from './tables.js';
import { ladderOf, phaseOf, textOf } from './when.js';

type Written<S extends SectionKey> = NonNullable<Item<S>['written']>;

/** Reads a section: every element whose shape is right, by id, in written order. */
function sectionOf<S extends SectionKey, T>(
  ledger: Ledger,
  section: S,
  read: (ledger: Ledger, item: Item<S>, written: Written<S>) => T,
): Readonly<Record<string, T>> {
  const entries: [string, T][] = [];
  for (const item of ledger.book.items[section].values())
    if (item.written !== null) entries.push([item.id, read(ledger, item, item.written as Written<S>)]);
  return Object.fromEntries(entries);
}

/** Makes the resolved definition of a book: defaults explicit, references checked, dates and cells parsed. Mistakes go to the ledger. */
export function resolveDefinition(ledger: Ledger): Definition {
  const { book } = ledger;
  const { head, campaign } = book;
  const reader = new Reader(ledger, campaign, []);
  const leads = head === null ? '' : reader.ref(['leads'], ['roles'], head.leads);
  const from = dayOf(reader, 'from', head?.from) ?? ('0001-01-01' as LocalDate);
  const to = dayOf(reader, 'to', head?.to);
  if (to !== null && to < from)
    reader.tell(['to'], {
      code: 'phase-backwards',
      zh: `有效期终点${to}早于起点${from}`,
      en: `the validity ends on ${to}, before it begins on ${from}`,
      expected: `>= ${from}`,
    });
  const noticeTime = head?.noticeTime ?? '08:30';
  if (!isTime(noticeTime))
    reader.tell(['noticeTime'], {
      code: 'bad-value',
      zh: `没有“${noticeTime}”这个时间`,
      en: `no such time: '${noticeTime}'`,
      expected: '"08:30"',
    });
  const deductions = sectionOf(ledger, 'deductions', deductionOf);
  const rounds: Record<string, Duty> = {};
  for (const item of book.items.deductions.values()) {
    const deduction = deductions[item.id];
    if (item.written !== null && deduction !== undefined) rounds[item.id] = roundsOf(ledger, item, item.written, deduction);
  }
  return {
    duban: 1,
    id: head?.id ?? '',
    version: head?.version ?? '',
    title: head?.title ?? '',
    from,
    to,
    source: listOf(head?.source),
    insurance: listOf(head?.insurance),
    leads,
    clause: listOf(head?.clause),
    noticeTime,
    parts: book.parts.map((part) => ({ id: part.part ?? '', version: part.version, digest: part.digest, clause: part.clause })),
    levels: sectionOf(ledger, 'levels', levelOf),
    roles: sectionOf(ledger, 'roles', roleOf),
    parameters: sectionOf(ledger, 'parameters', parameterOf),
    phases: sectionOf(ledger, 'phases', phaseOf),
    groups: sectionOf(ledger, 'groups', groupOf),
    tables: sectionOf(ledger, 'tables', tableOf),
    amounts: sectionOf(ledger, 'amounts', amountOf),
    rules: sectionOf(ledger, 'rules', ruleOf),
    counts: sectionOf(ledger, 'counts', countOf),
    measures: sectionOf(ledger, 'measures', measureOf),
    milestones: sectionOf(ledger, 'milestones', milestoneOf),
    papers: sectionOf(ledger, 'papers', paperOf),
    duties: { ...sectionOf(ledger, 'duties', dutyOf), ...rounds },
    ladders: sectionOf(ledger, 'ladders', ladderOf),
    texts: sectionOf(ledger, 'texts', textOf),
    reports: sectionOf(ledger, 'reports', reportOf),
    may: sectionOf(ledger, 'may', grantOf),
    forbid: sectionOf(ledger, 'forbid', forbiddenOf),
    apart: sectionOf(ledger, 'apart', apartOf),
    ...(book.items.formats.size === 0 ? {} : { formats: sectionOf(ledger, 'formats', formatOf) }),
    ...(book.items.deductions.size === 0 ? {} : { deductions }),
    ...(book.items.cases.size === 0 ? {} : { cases: sectionOf(ledger, 'cases', caseOf) }),
  };
}

function dayOf(reader: Reader, key: 'from' | 'to', written: string | undefined): LocalDate | null {
  if (written === undefined) return null;
  if (isDate(written)) return written;
  reader.tell([key], { code: 'bad-date', zh: `没有“${written}”这一天`, en: `no such day: '${written}'`, expected: 'YYYY-MM-DD' });
  return null;
}

function isTime(text: string): boolean {
  try {
    momentOf('2000-01-01' as LocalDate, text);
    return /^\d\d:\d\d$/.test(text);
  } catch {
    return false;
  }
}
