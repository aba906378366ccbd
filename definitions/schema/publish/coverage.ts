import type { Definition, Duty } from '../../../domain/model/definition.js';
import { clauseMap } from '../clauses.js';

/** Constructs that come later, with the part that brings them and how this part stands in for them. */
const later: readonly (readonly [construct: string, part: string, zh: string, en: string])[] = [
  [
    'K14',
    '3',
    '按人、按单位的办件：责令改正、补缴、死亡注销、核定缴费、新生儿、退费、突发事件；按每笔应缴的办件已有',
    'cases of a person or a unit; those of a due are here',
  ],
  ['K28', '2, 3', '`runs: <定义>` 调用另一份定义；`use` 和 `runs: later` 已有', '`runs: <definition>`; `use` and `runs: later` are here'],
  ['K31', '3', '问题台账、突发事件办件', 'issue ledger and incidents'],
  [
    'K32',
    '3',
    '协议到期重新开启（类型 `expiry`）；协议的编号和起止日期已作为栏位',
    'an agreement that has ended reopens its duty (type `expiry`); number and dates are fields already',
  ],
];

/** Rows of the requirements that a definition cannot carry yet, with the construct they wait for. */
export const laterRows: Readonly<Record<string, readonly (readonly [row: string, zh: string, construct: string])[]>> = {
  S1: [
    ['S1-13', '待遇领取率（待遇办件）', 'K14'],
    ['S1-14', '冒领、重领追回', 'K14'],
    ['S1-41', '到龄领取待遇', 'K14'],
    ['S1-42', '到龄补缴', 'K14'],
    ['S1-43', '待遇核对（两人）', 'K14'],
    ['S1-49', '死亡、重复领取逐件核查', 'K14'],
    ['S1-50', '冒领、重领缘由', 'K14'],
    ['S1-51', '追回冒领、重领', 'K14'],
    ['S1-52', '追回责任', 'K14'],
    ['S1-53', '按程序追责', 'K14'],
    ['S1-54', '暂停封存人员清理', 'K14'],
    ['S1-55', '暂停封存人员清理', 'K14'],
  ],
  S3: [
    ['S3-22', '新生儿六个月内参保（办件）', 'K14'],
    ['S3-44', '特殊情形缴费核定（办件）', 'K14'],
    ['S3-69', '退费逐件办理（职责清单已列）', 'K14'],
    ['S3-78', '突发事件逐件处置（预案任务已列）', 'K31'],
    ['S3-79', '舆情逐件引导（预案任务已列）', 'K31'],
    ['S3-36', '三方协议到期提醒', 'K32'],
    ['S3-37', '委托代收协议到期提醒', 'K32'],
  ],
  S4: [
    ['S4-49', '责令改正（办件；禁止行为的举报已有）', 'K14'],
    ['S4-50', '赔偿（办件）', 'K14'],
    ['S4-51', '移送司法（办件）', 'K14'],
    ['S4-41', '死亡注销和丧葬补助逐件办理（补助表已有）', 'K14'],
    ['S4-19', '补缴逐件办理（档次规则已有）', 'K14'],
    ['S4-27', '补缴逐件办理（巡查任务已有）', 'K14'],
  ],
};

type Uses = (definition: Definition) => readonly string[];
const ids = (section: string, elements: Readonly<Record<string, { readonly id: string }>>): readonly string[] =>
  Object.keys(elements).map((id) => `${section}.${id}`);
const dutiesWith =
  (test: (duty: Duty) => boolean): Uses =>
  ({ duties }) =>
    Object.values(duties)
      .filter(test)
      .map(({ id }) => `duties.${id}`);
const relative = (duty: Duty): boolean =>
  duty.due.distances.length > 0 || ['due', 'done', 'since', 'nextMonth'].includes(duty.due.anchor.kind);

/** Where a definition uses each construct of this part. */
const constructs: readonly (readonly [construct: string, uses: Uses])[] = [
  ['K01', () => ['head']],
  ['K02', ({ levels }) => ids('levels', levels)],
  ['K03', ({ roles }) => ids('roles', roles)],
  ['K04', ({ parameters }) => ids('parameters', parameters)],
  ['K05', ({ phases }) => ids('phases', phases)],
  [
    'K06',
    (d) => [
      ...Object.values(d.phases)
        .filter(({ needs }) => needs.length > 0)
        .map(({ id }) => `phases.${id}`),
      ...dutiesWith(({ needs }) => needs.length > 0)(d),
    ],
  ],
  ['K07', dutiesWith(({ items, due }) => Object.keys(items).length > 0 || due.anchor.kind === 'due')],
  ['K08', ({ milestones }) => ids('milestones', milestones)],
  [
    'K09',
    ({ tables }) =>
      Object.values(tables)
        .filter(({ totals, provisional }) => Object.keys(totals).length > 0 || provisional !== null)
        .map(({ id }) => `tables.${id}`),
  ],
  ['K10', ({ measures }) => ids('measures', measures)],
  ['K11', dutiesWith(({ every, after }) => every !== null || after.length > 0)],
  [
    'K12',
    (d) => {
      const told = Object.keys(d.deductions ?? {});
      return [
        ...ids('deductions', d.deductions ?? {}),
        ...dutiesWith(({ after }) => after.some((event) => told.includes(event.split('.')[0] ?? '')))(d),
      ];
    },
  ],
  ['K13', dutiesWith(({ compare }) => compare.length > 0)],
  ['K14', ({ cases }) => ids('cases', cases ?? {})],
  ['K15', dutiesWith(relative)],
  ['K16', ({ deductions }) => ids('deductions', deductions ?? {})],
  [
    'K17',
    ({ cases }) =>
      Object.values(cases ?? {}).flatMap(({ id, acts }) =>
        acts.flatMap((act) => (act.asks.length > 0 || act.evidence.length > 0 ? [`cases.${id}.${act.id}`] : [])),
      ),
  ],
  [
    'K18',
    (d) => [
      ...dutiesWith(({ dueIf }) => dueIf !== null)(d),
      ...Object.values(d.rules)
        .filter(({ deny }) => deny?.includes('within(') === true || deny?.includes('row.phase') === true)
        .map(({ id }) => `rules.${id}`),
    ],
  ],
  [
    'K19',
    ({ tables }) =>
      Object.values(tables)
        .filter(({ rows }) => rows.length > 0)
        .map(({ id }) => `tables.${id}`),
  ],
  ['K20', dutiesWith(({ publish }) => publish !== null)],
  ['K21', ({ reports }) => ids('reports', reports)],
  ['K22', ({ ladders }) => ids('ladders', ladders)],
  ['K23', (d) => [...ids('may', d.may), ...ids('forbid', d.forbid), ...ids('apart', d.apart)]],
  [
    'K24',
    (d) => [
      ...Object.values(d.papers)
        .filter(({ fields }) => fields.some(({ type }) => type === 'serial'))
        .map(({ id }) => `papers.${id}`),
      ...Object.keys(d.may)
        .filter((id) => id === 'seePersons' || id.startsWith('lookUp'))
        .map((id) => `may.${id}`),
    ],
  ],
  [
    'K25',
    (d) => [
      ...dutiesWith(({ perInsurance }) => perInsurance)(d),
      ...Object.values(d.measures)
        .filter(({ per }) => per !== null)
        .map(({ id }) => `measures.${id}`),
    ],
  ],
  [
    'K26',
    ({ parameters }) =>
      Object.values(parameters)
        .filter(({ reach }) => reach !== null)
        .map(({ id }) => `parameters.${id}`),
  ],
  [
    'K27',
    ({ tables }) =>
      Object.values(tables)
        .filter(({ inputs }) => inputs.some(({ id }) => id === 'channel'))
        .map(({ id }) => `tables.${id}`),
  ],
  ['K29', dutiesWith(({ table }) => table !== null)],
  ['K30', ({ groups }) => ids('groups', groups)],
  ['K33', ({ texts }) => ids('texts', texts)],
  ['K34', ({ milestones }) => ids('milestones', milestones)],
  ['K-formats', ({ formats }) => ids('formats', formats ?? {})],
];

const rowName = (seed: string, n: number): string => `${seed}-${String(n).padStart(2, '0')}`;

/** Rows 1 to `count` of a seed's requirements, with the elements that carry each. */
export function rowCoverage(
  definition: Definition,
  seed: string,
  count: number,
): readonly { readonly row: string; readonly elements: readonly string[]; readonly later: string | null }[] {
  const carried = new Map(clauseMap(definition).byClause.map(({ clause, elements }) => [clause, elements]));
  const waits = new Map((laterRows[seed] ?? []).map(([row, zh, construct]) => [row, `${construct}：${zh}`]));
  return Array.from({ length: count }, (_, i) => rowName(seed, i + 1)).map((row) => ({
    row,
    elements: carried.get(row) ?? [],
    later: waits.get(row) ?? null,
  }));
}

/** The page that says what the definitions carry and what waits (`docs/reference/coverage.md`). */
export function coverageReference(
  definitions: readonly { readonly definition: Definition; readonly seed: string; readonly rows: number }[],
): string {
  const code = (names: readonly string[]): string => (names.length === 0 ? '—' : names.map((name) => `\`${name}\``).join(' '));
  return [
    '# 覆盖情况 · What the definitions carry',
    '',
    '本页由定义文件生成，不手写。This page is generated from the definitions; it is never written by hand.',
    '',
    '## 构造 · Constructs',
    '',
    `| No. | ${definitions.map(({ definition }) => definition.id).join(' | ')} |`,
    `| --- |${definitions.map(() => ' --- |').join('')}`,
    ...constructs.map(
      ([construct, uses]) => `| ${construct} | ${definitions.map(({ definition }) => code(uses(definition))).join(' | ')} |`,
    ),
    '',
    '## 以后 · Later',
    '',
    '| No. | 部分 part | 内容 content |',
    '| --- | --- | --- |',
    ...later.map(([construct, part, zh, en]) => `| ${construct} | later: part ${part.replace(', ', ' or ')} | ${zh}<br>${en} |`),
    '',
    'K13（几方数据一致，`compare`）已经可用。K13 (equality between parties, `compare`) is here already.',
    '',
    ...definitions.flatMap(({ definition, seed, rows }) => [
      `## ${seed}: ${definition.title}`,
      '',
      '| 需求 row | 承载的元素 elements | 以后 later |',
      '| --- | --- | --- |',
      ...rowCoverage(definition, seed, rows).map(({ row, elements, later: waits }) => `| ${row} | ${code(elements)} | ${waits ?? ''} |`),
      '',
    ]),
  ].join('\n');
}
