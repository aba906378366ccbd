import type { CaseAct, CaseType } from '../../../domain/model/case.js';
import type { Anchor, Definition, Response } from '../../../domain/model/definition.js';
import { deductionsOfCase, isFinal, phaseOfEnd } from '../../../domain/process/case-types.js';
import { Reader, type Ledger } from '../resolve/reader.js';
import type { Path } from '../text/problem.js';
import { ladderProblems } from './rows.js';

type Refuse = (
  path: Path,
  code: 'bad-value' | 'missing-key' | 'state-final' | 'case-stuck' | 'case-unopened' | 'act-actor' | 'not-for-rows',
  zh: string,
  en: string,
  expected: string,
  at?: 'key' | 'value',
) => void;

/** A case begins, can always go on, and ends; each act has one kind of actor; what it asks for can be given where it stands. */
export function checkCases(ledger: Ledger, definition: Definition): void {
  for (const type of Object.values(definition.cases ?? {})) {
    const item = ledger.book.items.cases.get(type.id);
    if (!item) continue;
    const reader = Reader.of(ledger, item);
    const refuse: Refuse = (path, code, zh, en, expected, at = 'value') => reader.tell(path, { code, zh, en, expected }, at);
    checkStates(type, definition, refuse);
    for (const act of type.acts) checkAct(type, act, definition, refuse);
    checkWays(type, refuse);
    checkOpened(type, definition, refuse);
  }
}

function checkStates(type: CaseType, definition: Definition, refuse: Refuse): void {
  type.states.forEach((state, i) => {
    const at = (word: string): Path => ['states', state.id, word];
    if (isFinal(state)) {
      if (i === 0)
        refuse(['states', state.id], 'state-final', '起点须有人负责（owes）', 'the start must be owed by somebody', 'owes: role', 'key');
      for (const word of ['due', 'ladder'] as const)
        if (state[word] !== null)
          refuse(
            at(word),
            'state-final',
            `没有owes的状态是终结，不写“${word}”`,
            `a state without owes is final and has no '${word}'`,
            'owes: role',
            'key',
          );
      return;
    }
    for (const word of ['due', 'ladder'] as const)
      if (state[word] === null)
        refuse(
          ['states', state.id],
          'missing-key',
          `有人负责的状态须写“${word}”`,
          `a state that is owed needs '${word}'`,
          `${word}: …`,
          'key',
        );
    if (state.due !== null && !ownDate(state.due.anchor))
      refuse(
        at('due'),
        'not-for-rows',
        '办件的期限只随本件和固定日期',
        'a case takes its dates from itself or the calendar',
        'since, opened, 05-25, end(…), $parameter',
      );
    if (state.ladder === null) return;
    for (const { rung, zh, en, expected } of ladderProblems(
      definition,
      state.ladder,
      `counts: { late: { over: cases.${type.id}, if: 'row.late' } }`,
    ))
      refuse(at('ladder'), 'not-for-rows', `“${state.ladder}”第${rung}级${zh}`, `rung ${rung} of '${state.ladder}' ${en}`, expected);
  });
}

const ownDate = (anchor: Anchor): boolean =>
  anchor.kind === 'nextMonth'
    ? ownDate(anchor.date)
    : ['date', 'monthDay', 'monthEnd', 'since', 'opened', 'parameter'].includes(anchor.kind) ||
      ((anchor.kind === 'start' || anchor.kind === 'end') && anchor.of !== 'period');

function checkAct(type: CaseType, act: CaseAct, definition: Definition, refuse: Refuse): void {
  const at = (word: string): Path => ['acts', act.id, word];
  const byHand = act.by.length > 0;
  if (byHand === act.after.length > 0)
    refuse(
      ['acts', act.id],
      'act-actor',
      'by（由谁）和after（由事件）须写一个',
      "exactly one of 'by' and 'after'",
      'by: role | after: event',
      'key',
    );
  else if (!byHand)
    for (const word of ['asks', 'evidence'] as const)
      if (act[word].length > 0)
        refuse(
          at(word),
          'act-actor',
          `由事件自动办的没有人来填，不能写“${word}”`,
          `nobody is there to give '${word}': an event does it`,
          'by: role',
          'key',
        );
  checkPhaseEnd(type, act, definition, refuse);
  act.in.forEach((id) => {
    const state = type.states.find((one) => one.id === id);
    if (state && isFinal(state))
      refuse(at('in'), 'state-final', `“${id}”是终结，不能再办`, `'${id}' is final: nothing leads out of it`, 'in: …');
  });
  if (act.does === 'deduct' && deductionsOfCase(definition, type.id).length !== 1)
    refuse(
      at('does'),
      'bad-value',
      '须恰有一项代扣与本办件相关，才知放行哪一项',
      'exactly one deduction must lead to this case, to know which is freed',
      'deductions: { … }',
    );
  const opens = type.acts.flatMap(({ then }) => then.flatMap((one) => (one.kind === 'open' ? [one.case] : [])));
  act.needs.forEach((need, i) => {
    if (!opens.includes(need))
      refuse(
        [...at('needs'), i],
        'bad-value',
        `本办件不开启“${need}”，不必等它`,
        `this case never opens '${need}'`,
        opens.join(', ') || 'then: [{ open: … }]',
      );
  });
  act.then.forEach((response, i) => checkThen(type, response, [...at('then'), i], definition, refuse));
}

/** The end of a phase stands: where it leads nothing may wait for one again, or it would be done without end. */
function checkPhaseEnd(type: CaseType, act: CaseAct, definition: Definition, refuse: Refuse): void {
  const at: Path = ['acts', act.id, 'after'];
  const phases = act.after.flatMap((event) => phaseOfEnd(definition, event) ?? []);
  for (const phase of phases)
    if (definition.phases[phase]?.to === null)
      refuse(at, 'bad-value', `阶段“${phase}”没有最后一天`, `phase '${phase}' has no last day`, 'phases.….to');
  const again = type.acts.find((one) => one.in.includes(act.next) && one.after.some((event) => phaseOfEnd(definition, event) !== null));
  if (phases.length > 0 && again)
    refuse(
      at,
      'bad-value',
      `到了“${act.next}”，“${again.id}”又随阶段结束自动办`,
      `at '${act.next}' '${again.id}' is done by the end of a phase again`,
      'next: <final>',
    );
}

function checkThen(type: CaseType, response: Response, path: Path, definition: Definition, refuse: Refuse): void {
  if (response.kind === 'flag')
    refuse(
      path,
      'not-for-rows',
      '办件逐件通报会有几千条，请计数',
      'flags each case: there would be thousands, count them',
      `counts: { n: { over: cases.${type.id} } }`,
    );
  else if (response.confirm !== null)
    refuse(
      path,
      'not-for-rows',
      '办件的后续不能要人确认：请另设一个办理',
      'what follows in a case waits for nobody: make it an act',
      'acts: { … }',
    );
  else if (response.kind === 'tell') {
    const text = definition.texts[response.text];
    if (text && (text.receive !== null || text.reply !== null))
      refuse(
        path,
        'not-for-rows',
        '办件的通知不能要求签收或反馈：会有几千份',
        'asks to be received or replied to: there would be thousands',
        'texts without receive, reply',
      );
  }
}

/** From the start every state is reached, and from every state an end. */
function checkWays(type: CaseType, refuse: Refuse): void {
  const ways = (from: string): readonly string[] => type.acts.flatMap((act) => (act.in.includes(from) ? [act.next] : []));
  const reached = (start: string): ReadonlySet<string> => {
    const seen = new Set<string>([start]);
    for (const id of seen) for (const next of ways(id)) seen.add(next);
    return seen;
  };
  const finals = new Set(type.states.filter(isFinal).map(({ id }) => id));
  const fromStart = reached(type.states[0]?.id ?? '');
  for (const { id } of type.states) {
    if (!fromStart.has(id)) refuse(['states', id], 'case-stuck', `没有办理通往“${id}”`, `no act leads to '${id}'`, `next: ${id}`, 'key');
    else if (![...reached(id)].some((one) => finals.has(one)))
      refuse(
        ['states', id],
        'case-stuck',
        `从“${id}”到不了终结`,
        `no end is reached from '${id}'`,
        'acts: { …: { in: …, next: <final> } }',
        'key',
      );
  }
}

function checkOpened(type: CaseType, definition: Definition, refuse: Refuse): void {
  const opens = (responses: readonly Response[]): boolean => responses.some((one) => one.kind === 'open' && one.case === type.id);
  const routed =
    type.after.length > 0 ||
    type.by.length > 0 ||
    Object.values(definition.deductions ?? {}).some(({ outcomes }) =>
      Object.values(outcomes).some((outcome) => outcome.open === type.id || outcome.else === type.id),
    ) ||
    Object.values(definition.cases ?? {}).some(({ acts }) => acts.some(({ then }) => opens(then))) ||
    Object.values(definition.ladders).some(({ rungs }) => opens(rungs.map(({ response }) => response)));
  if (!routed)
    refuse(
      [],
      'case-unopened',
      `没有什么会开启“${type.id}”`,
      `nothing ever opens '${type.id}'`,
      'by | after | outcomes.….open | then: [{ open: … }]',
      'key',
    );
}
