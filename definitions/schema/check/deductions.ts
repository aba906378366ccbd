import { UNKNOWN_OUTCOME, type Format } from '../../../domain/model/format.js';
import { REFUND_EVENTS, type Deduction } from '../../../domain/model/deduction.js';
import type { Definition } from '../../../domain/model/definition.js';
import { Reader, type Ledger } from '../resolve/reader.js';
import { guessWord } from '../text/guess.js';

/** Columns by which a line is told apart and taken; `batch` may stand in the header instead. */
const REQUEST = ['line', 'account', 'amount'];
const RETURN = ['line'];

/** Every code becomes an outcome, every outcome leads somewhere, and both files carry what tells a line apart. */
export function checkDeductions(ledger: Ledger, definition: Definition): void {
  for (const deduction of Object.values(definition.deductions ?? {})) {
    const item = ledger.book.items.deductions.get(deduction.id);
    if (!item) continue;
    const reader = Reader.of(ledger, item);
    checkCodes(reader, definition, deduction);
    checkRoutes(reader, deduction);
    checkColumns(reader, 'gives', definition.formats?.[deduction.request], REQUEST);
    checkColumns(reader, 'takes', definition.formats?.[deduction.return], RETURN);
  }
}

function checkCodes(reader: Reader, definition: Definition, deduction: Deduction): void {
  const { outcomes } = deduction;
  if (outcomes[UNKNOWN_OUTCOME]?.class !== 'unknown')
    reader.tell(
      ['outcomes'],
      {
        code: 'outcome-missing',
        zh: '回盘结果须有“unknown”，类别为unknown：表中没有的代码都归它',
        en: "the outcomes need 'unknown' of class unknown: a code that no table lists becomes it",
        expected: 'unknown: { class: unknown, open: … }',
      },
      'key',
    );
  const format = definition.formats?.[deduction.return];
  if (!format) return;
  const table = format.codes === null ? undefined : definition.tables[format.codes];
  if (format.codes === null)
    reader.tell(['takes'], {
      code: 'outcome-missing',
      zh: `格式“${format.id}”没有代码表（codes），回盘得不出结果`,
      en: `format '${format.id}' has no table of codes: no return would have an outcome`,
      expected: 'codes: …',
    });
  const at = table?.outputs.findIndex(({ id }) => id === 'outcome') ?? -1;
  const known = Object.keys(outcomes);
  for (const named of new Set(table?.rows.map(({ then }) => then[at]) ?? []))
    if (typeof named === 'string' && !known.includes(named))
      reader.tell(
        ['outcomes'],
        {
          code: 'outcome-missing',
          zh: `代码表“${format.codes}”得出“${named}”，回盘结果中没有它`,
          en: `table '${format.codes}' gives '${named}', which is none of the outcomes`,
          expected: `${named}: { class: … }`,
          guess: guessWord(named, known),
        },
        'key',
      );
}

/** What a deduction tells by itself: no outcome may be called so. */
const TOLD: readonly string[] = ['sent', 'returned', 'done', 'late', ...REFUND_EVENTS];

function checkRoutes(reader: Reader, deduction: Deduction): void {
  for (const { id, class: kind, if: condition, open, else: other } of Object.values(deduction.outcomes)) {
    const refuse = (word: string | null, zh: string, en: string, expected: string): void =>
      reader.tell(['outcomes', id, ...(word === null ? [] : [word])], { code: 'outcome-route', zh, en, expected }, 'key');
    if (TOLD.includes(id))
      refuse(
        null,
        `“${id}”是代扣自己的事件，结果须另取名`,
        `'${id}' is an event of every deduction: call the outcome otherwise`,
        'outcomes: …',
      );
    if (condition !== null && open === null && other === null)
      refuse('if', '有“if”却没有去向', "'if' chooses between nothing", 'open: … | else: …');
    if (condition === null && other !== null) refuse('else', '没有“if”，不会走“else”', "without 'if' there is no 'else'", 'if: …');
    if (kind === 'success' && (open !== null || other !== null))
      refuse(
        open === null ? 'else' : 'open',
        '已扣的不开办件：到账即结',
        'what was taken opens no case: it ends when the money arrives',
        'class: success',
      );
    if (kind === 'stop' && (open === null || (condition !== null && other === null)))
      refuse(
        null,
        '停扣的须都开启办件，否则无人能放行',
        'what stops must open a case in every case, else nobody could free it',
        'open: … (else: …)',
      );
  }
}

function checkColumns(reader: Reader, word: 'gives' | 'takes', format: Format | undefined, wanted: readonly string[]): void {
  if (!format) return;
  const detail = format.detail.map(({ id }) => id);
  const missing = wanted.filter((id) => !detail.includes(id));
  if (!detail.includes('batch') && format.header?.some(({ id }) => id === 'batch') !== true) missing.push('batch');
  if (missing.length > 0)
    reader.tell([word], {
      code: 'column-missing',
      zh: `格式“${format.id}”缺少列：${missing.join('、')}`,
      en: `format '${format.id}' has no column ${missing.join(', ')}`,
      expected: [...wanted, 'batch'].join(', '),
    });
}
