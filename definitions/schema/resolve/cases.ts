import { ACTIVITY_ROWS } from '../../../domain/rules/columns.js';
import type { CaseAct, CaseState, CaseType } from '../../../domain/model/case.js';
import { REFUND_EVENTS } from '../../../domain/model/deduction.js';
import { DEPOSITED, REPORTS_DEPOSIT } from '../../../domain/process/case-types.js';
import type { Path } from '../text/problem.js';
import { guessWord } from '../text/guess.js';
import type { Item } from './book.js';
import { elementOf, fieldsOf, listOf, responsesOf } from './common.js';
import { Reader, type Ledger } from './reader.js';

type WrittenCase = NonNullable<Item<'cases'>['written']>;
type WrittenAct = WrittenCase['acts'][string];

/** Reads a kind of case. Whether its states hang together is checked in `check/cases.ts`. */
export function caseOf(ledger: Ledger, item: Item<'cases'>, written: WrittenCase): CaseType {
  const reader = Reader.of(ledger, item);
  checkPer(reader, written);
  const unique = listOf(written.unique);
  if (written.unique !== undefined && (unique.length !== 1 || unique[0] !== 'due'))
    reader.tell(['unique'], {
      code: 'bad-value',
      zh: '每笔应缴一件的办件只能写 [due]',
      en: 'a case of a due can only be unique by [due]',
      expected: '[due]',
    });
  const element = elementOf(reader, item.id, written);
  const states = Object.keys(written.states);
  return {
    ...element,
    per: 'due',
    after: eventsOf(reader, ['after'], written.after),
    by: reader.refs(['by'], ['roles'], written.by),
    unique: written.unique !== undefined,
    fields: fieldsOf(reader, ['fields'], written.fields, true),
    states: Object.entries(written.states).map(([id, state]): CaseState => ({
      id,
      title: state.title ?? element.title,
      clause: state.clause === undefined ? element.clause : listOf(state.clause),
      readings: element.readings,
      owes: reader.refs(['states', id, 'owes'], ['roles'], state.owes),
      due:
        state.due === undefined
          ? null
          : reader.date(['states', id, 'due'], state.due, reader.roll(['states', id, 'roll'], state.roll), true),
      ladder: reader.maybeRef(['states', id, 'ladder'], ['ladders'], state.ladder),
    })),
    acts: Object.entries(written.acts).map(([id, act]) => actOf(reader, item.id, written, states, id, act, element)),
  };
}

/** On the rows of a campaign a case is about one due; what is about a person, a unit or an insurance comes as a process of its own. */
function checkPer(reader: Reader, written: WrittenCase): void {
  const per = listOf(written.per);
  if (per.length === 1 && per[0] === 'due') return;
  reader.tell(['per'], {
    code: 'later-word',
    zh: `本版本的办件只按每笔应缴（due）；按${per.join('、')}的属第3部分，目前请写成任务并附清单`,
    en: `this version knows cases of a due; one for each ${per.join(', ')} comes with part 3: for now write a duty with items`,
    expected: 'per: due',
  });
}

function actOf(
  reader: Reader,
  type: string,
  written: WrittenCase,
  states: readonly string[],
  id: string,
  act: WrittenAct,
  element: CaseType | Pick<CaseType, 'clause' | 'readings'>,
): CaseAct {
  const at = (word: string): Path => ['acts', id, word];
  const stateOf = (path: Path, name: string): string => {
    if (!states.includes(name))
      reader.tell(path, {
        code: 'unknown-reference',
        zh: `本办件没有状态“${name}”`,
        en: `this case has no state '${name}'`,
        expected: states.join(', '),
        guess: guessWord(name, states),
      });
    return name;
  };
  const fields = [...Object.keys(written.fields ?? {}), 'reason'];
  (act.asks ?? []).forEach((name, i) => {
    if (!fields.includes(name))
      reader.tell([...at('asks'), i], {
        code: 'unknown-field',
        zh: `办件没有栏位“${name}”`,
        en: `the case has no field '${name}'`,
        expected: fields.join(', '),
        guess: guessWord(name, fields),
      });
  });
  if (act.does === REPORTS_DEPOSIT) checkDeposit(reader, written, at('does'), act);
  else if (act.does !== undefined && ACTIVITY_ROWS[act.does] !== 'dues')
    reader.tell(at('does'), {
      code: 'not-in-list',
      zh: `应缴的办件不能“${act.does}”`,
      en: `a case of a due cannot do '${act.does}'`,
      expected: Object.keys(ACTIVITY_ROWS)
        .concat(REPORTS_DEPOSIT)
        .filter((one) => one === REPORTS_DEPOSIT || ACTIVITY_ROWS[one] === 'dues')
        .join(' | '),
    });
  return {
    id,
    title: act.title ?? id,
    clause: act.clause === undefined ? element.clause : listOf(act.clause),
    readings: element.readings,
    in: listOf(act.in).map((name, i) => stateOf(typeof act.in === 'string' ? at('in') : [...at('in'), i], name)),
    by: reader.refs(at('by'), ['roles'], act.by),
    after: eventsOf(reader, at('after'), act.after, true),
    if: act.if === undefined ? null : reader.cel(at('if'), act.if, { kind: 'case', case: type }),
    asks: act.asks ?? [],
    evidence: reader.refs(at('evidence'), ['papers'], act.evidence),
    needs: (act.needs ?? []).map((name, i) => closedOf(reader, [...at('needs'), i], name)),
    does: act.does ?? null,
    next: stateOf(at('next'), act.next),
    most: act.most ?? null,
    then: responsesOf(reader, at('then'), act.then, { sees: { kind: 'case', case: type }, due: true }),
  };
}

/** A report of a deposit says how much, and somebody says it. */
function checkDeposit(reader: Reader, written: WrittenCase, path: Path, act: WrittenAct): void {
  const field = written.fields?.[DEPOSITED];
  const type = typeof field === 'string' ? field : field?.type;
  if (type !== 'money' || act.asks?.includes(DEPOSITED) !== true)
    reader.tell(path, {
      code: 'unknown-field',
      zh: `“${REPORTS_DEPOSIT}”须问金额栏位“${DEPOSITED}”：现共存有多少`,
      en: `'${REPORTS_DEPOSIT}' must ask the money field '${DEPOSITED}': what stands deposited in all`,
      expected: `asks: [${DEPOSITED}]`,
    });
}

/** `other.closed` of a kind of case. */
function closedOf(reader: Reader, path: Path, written: string): string {
  const [name = '', what, ...more] = written.split('.');
  if (what === 'closed' && more.length === 0) return reader.ref(path, ['cases'], name);
  reader.tell(path, {
    code: 'bad-value',
    zh: `办件只能等它开启的办件办结，“${written}”不是`,
    en: `a case waits only for cases it opened to be closed, '${written}' is none`,
    expected: 'case.closed',
  });
  return name;
}

/** Events about one due: outcomes of a deduction, its money having arrived, and acts of its other cases. `ends`: an act may also wait for a phase to end. */
function eventsOf(reader: Reader, path: Path, written: string | readonly string[] | undefined, ends = false): readonly string[] {
  return listOf(written).map((event, i) => {
    const at = typeof written === 'string' ? path : [...path, i];
    if (event === 'payment.arrived') return event;
    const [name = '', what = '', ...more] = event.split('.');
    const id = reader.named(name);
    const { items } = reader.ledger.book;
    const deduction = items.deductions.get(id);
    const outcomes = deduction === undefined ? [] : [...Object.keys(deduction.written?.outcomes ?? {}), ...REFUND_EVENTS];
    const acts = items.cases.has(id) ? ['opened', 'closed', ...Object.keys(items.cases.get(id)?.written?.acts ?? {})] : [];
    const isEnd = ends && what === 'ended' && items.phases.has(id);
    if (more.length === 0 && (isEnd || outcomes.includes(what) || acts.includes(what))) return `${id}.${what}`;
    const known = [
      'payment.arrived',
      ...[...items.deductions.values()].flatMap((one) =>
        [...Object.keys(one.written?.outcomes ?? {}), ...REFUND_EVENTS].map((outcome) => `${one.id}.${outcome}`),
      ),
      ...[...items.cases.keys()].map((one) => `${one}.closed`),
    ];
    reader.tell(at, {
      code: 'unknown-event',
      zh: `办件不认识事件“${event}”`,
      en: `a case does not know the event '${event}'`,
      expected:
        'payment.arrived | deduction.<outcome> | deduction.owedBack | deduction.paidBack | deduction.credited | case.opened | case.closed | case.<act> | phase.ended',
      guess: guessWord(event, known),
    });
    return event;
  });
}
