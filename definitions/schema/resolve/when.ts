import type { Ladder, Phase, Text } from '../../../domain/model/definition.js';
import type { Item } from './book.js';
import { elementOf, responseOf } from './common.js';
import { Reader, type Ledger } from './reader.js';
import { guessWord } from '../text/guess.js';

type Written<S extends Item['section']> = NonNullable<Item<S>['written']>;

export function phaseOf(ledger: Ledger, item: Item<'phases'>, written: Written<'phases'>): Phase {
  const reader = Reader.of(ledger, item);
  if (written.runs !== undefined && written.runs !== 'later')
    reader.tell(['runs'], {
      code: 'later-word',
      zh: `本版本只认识 runs: later，不认识“${written.runs}”`,
      en: `this version knows only 'runs: later', not '${written.runs}'`,
      expected: 'later',
    });
  return {
    ...elementOf(reader, item.id, written),
    from: written.from === undefined ? null : reader.date(['from'], written.from),
    to: written.to === undefined ? null : reader.date(['to'], written.to),
    runs: written.runs ?? null,
    per: reader.maybeRef(['per'], ['levels'], written.per),
    needs: reader.refs(['needs'], ['duties'], written.needs),
  };
}

export function ladderOf(ledger: Ledger, item: Item<'ladders'>, written: Written<'ladders'>): Ladder {
  const reader = Reader.of(ledger, item);
  return {
    ...elementOf(reader, item.id, written),
    rungs: written.rungs.map((rung, i) => ({
      at: reader.distance(['rungs', i, 'at'], rung.at),
      // Whether its users have a due is known when all are: `check/ladders.ts`.
      response: responseOf(reader, ['rungs', i], rung, { sees: { kind: 'plain' }, due: true }),
    })),
  };
}

/** Fields a text may print beside parameters: what a notice knows of its obligation. */
export const textFields = [
  'title',
  'unit',
  'role',
  'due',
  'daysLeft',
  'daysLate',
  'clause',
  'name',
  'year',
  'amount',
  'short',
  'from',
  'to',
] as const;

export function textOf(ledger: Ledger, item: Item<'texts'>, written: Written<'texts'>): Text {
  const reader = Reader.of(ledger, item);
  const { say } = written;
  checkFields(reader, 'zh', say.zh);
  if (say.en !== undefined) checkFields(reader, 'en', say.en);
  const checker = reader.maybeRef(['checker'], ['roles'], written.checker);
  if (checker !== null && written.reply === undefined)
    reader.tell(
      ['checker'],
      { code: 'missing-key', zh: '写了“checker”就须写“reply”', en: "'checker' needs 'reply'", expected: 'reply: +10d' },
      'key',
    );
  return {
    ...elementOf(reader, item.id, written),
    say: { zh: say.zh, en: say.en ?? null },
    via: written.via ?? ['inbox'],
    receive: written.receive === undefined ? null : reader.distance(['receive'], written.receive),
    reply: written.reply === undefined ? null : reader.distance(['reply'], written.reply),
    checker,
  };
}

function checkFields(reader: Reader, language: 'zh' | 'en', text: string): void {
  for (const match of text.matchAll(/\{([^{}]*)\}/g)) {
    const name = match[1] ?? '';
    if (textFields.some((field) => field === name)) continue;
    if (reader.has('parameters', name)) {
      reader.ledger.used.add(`parameters:${name}`);
      continue;
    }
    if (caseFields(reader).includes(name)) continue;
    const known = [...textFields, ...caseFields(reader), ...reader.ledger.book.items.parameters.keys()];
    reader.tell(
      ['say', language],
      {
        code: 'unknown-field',
        zh: `文字中没有栏位“{${name}}”`,
        en: `there is no field '{${name}}'`,
        expected: known.join(', '),
        guess: guessWord(name, known),
      },
      'value',
      match.index + 1,
    );
  }
}

/** Fields of cases: whether the text is only sent by a case that has them is checked where it is sent. */
const caseFields = (reader: Reader): readonly string[] =>
  [...reader.ledger.book.items.cases.values()].flatMap(({ written }) => Object.keys(written?.fields ?? {}));
