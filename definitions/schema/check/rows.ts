import type { Anchor, Definition, Duty } from '../../../domain/model/definition.js';
import { Reader, type Ledger } from '../resolve/reader.js';
import type { Path } from '../text/problem.js';

/*
 * Duties owed about persons (`per: due`) are rows: thousands alike, each stepped with nothing but itself and what its process is under. Whatever would need
 * another obligation beside it, or would speak once for each of thousands, is refused here with the way out.
 */

/** What only the obligations of an office can have, by the word as it is written. */
const OFFICE_WORDS = {
  compare: ['没有几方可比', 'has no parties to compare', 'per: <level>'],
  missed: ['没有几方可比', 'has no parties to compare', 'per: <level>'],
  publish: ['不能逐人公示；请由单位张贴名单', 'cannot post a list for each person: let an office post it', 'per: <level>'],
  needs: ['不能等别的任务；请用阶段或日期', 'cannot wait for another duty: use a phase or a date', 'during: … | due: …'],
  wants: ['不能等别的任务；请用阶段或日期', 'cannot wait for another duty: use a phase or a date', 'during: … | due: …'],
  after: ['不能由事件逐人开出；请用“if”说明对谁', "cannot begin with an event: say for whom with 'if'", 'if: …'],
  over: ['不能汇总持有款项', 'cannot stand over money held', 'per: <level>'],
  dueIf: ['没有持有款项', 'holds no money', 'due: …'],
  table: ['不能逐人评分；请用计数和里程碑', 'is not scored for each person: use a count and a milestone', 'counts: { … }'],
  of: ['不能逐人评分；请用计数和里程碑', 'is not scored for each person: use a count and a milestone', 'counts: { … }'],
} as const satisfies Readonly<Record<string, readonly [zh: string, en: string, expected: string]>>;

const ASKS_THE_PROCESS = /\b(?:done|met)\s*\(/;
/** What changes with the day and not with a fact. */
const ASKS_THE_DAY = /\b(?:today|within|ageOn)\b|\brow\s*\.\s*(?:age|phase)\b/;

export function checkRows(ledger: Ledger, definition: Definition): void {
  for (const duty of Object.values(definition.duties)) {
    const item = ledger.book.items.duties.get(duty.id);
    if (duty.rows && item) checkRowDuty(Reader.of(ledger, item), definition, duty, item.written ?? {});
  }
  const rows = new Set(Object.values(definition.duties).flatMap(({ id, rows: about }) => (about ? [id] : [])));
  if (rows.size > 0) checkReferences(ledger, definition, rows);
}

function checkRowDuty(reader: Reader, definition: Definition, duty: Duty, written: object): void {
  const refuse = (path: Path, zh: string, en: string, expected: string, place: 'key' | 'value' = 'value'): void =>
    reader.tell(path, { code: 'not-for-rows', zh: `逐人任务${zh}`, en: `a duty about persons ${en}`, expected }, place);
  for (const [word, [zh, en, expected]] of Object.entries(OFFICE_WORDS)) if (word in written) refuse([word], zh, en, expected, 'key');
  if (duty.perInsurance) refuse(['per'], '的应缴已分险种', 'has its insurance from the due', 'per: due');
  if (duty.owes.length > 1) refuse(['owes'], '只由一个角色负责', 'is owed by one role', 'owes: <role>');
  if (duty.owes.includes('person') && duty.rows?.doneIf === null)
    refuse(
      ['owes'],
      '由本人负责的须写“doneIf”：本人没有账号',
      "owed by the person needs 'doneIf': persons have no account",
      'doneIf: row.arrived',
    );
  if (duty.rows?.doneIf != null && ASKS_THE_DAY.test(duty.rows.doneIf))
    refuse(['doneIf'], '由事实完成，不能由日子完成', 'is discharged by a fact, not by a day', 'row.arrived | row.collected | …');
  const anchor = othersDue(duty.due.anchor);
  if (anchor) refuse(['due'], '的期限不能随别的任务', 'cannot take its date from another duty', '05-25, end(…), since, $parameter');
  const phase = duty.during === null ? undefined : definition.phases[duty.during];
  if (phase && phase.needs.length > 0)
    refuse(['during'], `不能在有前提的阶段“${phase.id}”里`, `cannot lie in '${phase.id}', a phase with needs`, 'phases.….needs');
  for (const rule of Object.values(definition.rules))
    if (rule.guards === duty.id && [rule.deny, rule.mark].some((text) => text !== null && ASKS_THE_PROCESS.test(text)))
      refuse(
        [],
        `的规则“${rule.id}”不能问done()、met()`,
        `cannot be guarded by '${rule.id}', which asks done() or met()`,
        'answer.…',
        'key',
      );
  checkRowLadder(definition, duty, refuse);
}

function othersDue(anchor: Anchor): boolean {
  return anchor.kind === 'nextMonth' ? othersDue(anchor.date) : anchor.kind === 'due' || anchor.kind === 'done';
}

type Refused = { readonly rung: number; readonly zh: string; readonly en: string; readonly expected: string };

/** Rungs of a row speak to people; what stands open for each of thousands (a release, a flag, an answer owed) belongs to an office's duty over a count. */
export function ladderProblems(definition: Definition, ladder: string, counted: string): readonly Refused[] {
  return (definition.ladders[ladder]?.rungs ?? []).flatMap(({ response }, i): readonly Refused[] => {
    const refused: Refused[] = [];
    const refuse = (zh: string, en: string, expected: string): number => refused.push({ rung: i + 1, zh, en, expected });
    if (response.confirm !== null) refuse('要人确认：会有几千份', 'waits for a release: there would be thousands', counted);
    if (response.kind === 'flag') refuse('逐人通报', 'flags each person', counted);
    if (response.if !== null && ASKS_THE_PROCESS.test(response.if))
      refuse('的条件不能问done()、met()', 'asks done() or met()', 'period, param, unit');
    const text = response.kind === 'tell' ? definition.texts[response.text] : undefined;
    if (text && (text.receive !== null || text.reply !== null))
      refuse('要签收或反馈：会有几千份', 'asks to be received or replied to: there would be thousands', counted);
    return refused;
  });
}

function checkRowLadder(definition: Definition, duty: Duty, refuse: (path: Path, zh: string, en: string, expected: string) => void): void {
  const counted = `counts: { ${duty.id}Late: { over: ${duty.id}, if: 'row.late' } }`;
  for (const { rung, zh, en, expected } of ladderProblems(definition, duty.ladder, counted))
    refuse(['ladder'], `“${duty.ladder}”第${rung}级${zh}`, `has a ladder whose rung ${rung} ${en}`, expected);
}

/** Nobody waits for rows one by one: they are counted. */
function checkReferences(ledger: Ledger, definition: Definition, rows: ReadonlySet<string>): void {
  const { items } = ledger.book;
  const refuse = (reader: Reader, path: Path, id: string): void =>
    reader.tell(path, {
      code: 'not-for-rows',
      zh: `“${id}”逐人负责，不能这样引用；请计数`,
      en: `'${id}' is owed about persons and cannot be referred to here: count it`,
      expected: `counts: { …: { over: ${id}, if: 'row.late' } }`,
    });
  const each = (reader: Reader, key: string, ids: readonly string[]): void =>
    ids.forEach((id, i) => {
      if (rows.has(id.split('.')[0] ?? '')) refuse(reader, ids.length === 1 ? [key] : [key, i], id.split('.')[0] ?? '');
    });
  const date = (reader: Reader, key: string, anchor: Anchor | undefined): void => {
    if (anchor?.kind === 'nextMonth') date(reader, key, anchor.date);
    else if ((anchor?.kind === 'due' || anchor?.kind === 'done') && rows.has(anchor.of)) refuse(reader, [key], anchor.of);
  };
  for (const duty of Object.values(definition.duties)) {
    const item = items.duties.get(duty.id);
    if (!item) continue;
    const reader = Reader.of(ledger, item);
    for (const key of ['needs', 'wants', 'after'] as const) each(reader, key, duty[key]);
    date(reader, 'due', duty.due.anchor);
  }
  for (const milestone of Object.values(definition.milestones)) {
    const item = items.milestones.get(milestone.id);
    if (!item) continue;
    each(Reader.of(ledger, item), 'needs', milestone.needs);
    date(Reader.of(ledger, item), 'due', milestone.due.anchor);
  }
  for (const phase of Object.values(definition.phases)) {
    const item = items.phases.get(phase.id);
    if (!item) continue;
    each(Reader.of(ledger, item), 'needs', phase.needs);
    date(Reader.of(ledger, item), 'from', phase.from?.anchor);
    date(Reader.of(ledger, item), 'to', phase.to?.anchor);
  }
  for (const apart of Object.values(definition.apart)) {
    const item = items.apart.get(apart.id);
    if (item) each(Reader.of(ledger, item), 'of', apart.of);
  }
  for (const report of Object.values(definition.reports)) {
    const item = items.reports.get(report.id);
    if (item) each(Reader.of(ledger, item), 'shows', report.shows);
  }
}
