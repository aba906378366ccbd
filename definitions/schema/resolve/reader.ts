import { parseDateExpr } from '../../../domain/calendar/date-expr.js';
import { readDistance } from '../../../domain/calendar/distance.js';
import type { DateExpr, Distance, Rhythm } from '../../../domain/model/definition.js';
import type { Place } from '../../../domain/rules/scope.js';
import type { CelType } from '../../../domain/rules/values.js';
import { guessWord } from '../text/guess.js';
import type { Path, Problem } from '../text/problem.js';
import type { Said, Source } from '../text/source.js';
import type { SectionKey } from '../written/file.js';
import type { Book, Item, OpenFile } from './book.js';

/** An expression with its place in the file, where it stands in the language, and what it must give. */
export interface CelUse {
  readonly reader: Reader;
  readonly path: Path;
  readonly source: string;
  readonly place: Place;
  readonly expected: readonly CelType[];
}

/** What is gathered while a book is read: mistakes, expressions to check at the end, names that were used. */
export class Ledger {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];
  readonly expressions: CelUse[] = [];
  readonly used = new Set<string>();
  constructor(readonly book: Book) {
    this.problems.push(...book.problems);
  }
}

const titles: Readonly<Record<SectionKey, readonly [zh: string, en: string]>> = {
  levels: ['层级', 'level'],
  roles: ['角色', 'role'],
  parameters: ['参数', 'parameter'],
  phases: ['阶段', 'phase'],
  groups: ['人群', 'group'],
  tables: ['表', 'table'],
  amounts: ['金额', 'amount'],
  rules: ['规则', 'rule'],
  counts: ['计数', 'count'],
  measures: ['指标', 'measure'],
  milestones: ['里程碑', 'milestone'],
  papers: ['材料', 'paper'],
  duties: ['任务', 'duty'],
  ladders: ['梯次', 'ladder'],
  texts: ['文字', 'text'],
  reports: ['报表', 'report'],
  may: ['权限', 'grant'],
  forbid: ['禁止', 'forbidden act'],
  apart: ['不相容职责', 'apart'],
  formats: ['文件格式', 'format'],
  deductions: ['代扣', 'deduction'],
  cases: ['办件', 'case'],
};

/** Reads one element: every reference, date and distance in it, with its place. Wrong ones are told and give null or the written name. */
export class Reader {
  constructor(
    readonly ledger: Ledger,
    readonly file: OpenFile,
    readonly base: Path,
  ) {}

  static of(ledger: Ledger, item: Item): Reader {
    return new Reader(ledger, item.file, [item.section, item.id]);
  }

  get source(): Source {
    return this.file.source;
  }

  tell(path: Path, said: Said, at: 'key' | 'value' = 'value', within?: number): void {
    this.ledger.problems.push(this.source.problem([...this.base, ...path], said, at, within));
  }

  warn(path: Path, said: Said, at: 'key' | 'value' = 'value'): void {
    this.ledger.warnings.push(this.source.problem([...this.base, ...path], said, at));
  }

  /** The campaign's name for a name in this file. */
  named(name: string): string {
    this.file.lookedUp.add(name);
    return this.file.alias.get(name) ?? name;
  }

  has(section: SectionKey, id: string): boolean {
    return this.ledger.book.items[section].has(id);
  }

  /** The written element a name stands for; null when there is none or its shape is wrong. */
  find<S extends SectionKey>(section: S, id: string): Item<S>['written'] {
    return this.ledger.book.items[section].get(id)?.written ?? null;
  }

  /** A reference into one of the sections, or one of the `also` words. Unknown names are told with a guess. */
  ref(path: Path, asked: readonly SectionKey[], written: string, also: readonly string[] = []): string {
    // The rounds of a deduction are a duty of its id.
    const sections: readonly SectionKey[] = asked.includes('duties') ? [...asked, 'deductions'] : asked;
    const id = this.named(written);
    if (also.includes(id)) return id;
    for (const section of sections) {
      if (!this.has(section, id)) continue;
      this.ledger.used.add(`${section}:${id}`);
      return id;
    }
    const known = [...sections.flatMap((section) => [...this.ledger.book.items[section].keys()]), ...also];
    const [zh, en] = titles[sections[0] ?? 'duties'];
    const guess = guessWord(written, [...known, ...this.file.alias.keys()]);
    const { usedAt, part } = this.file;
    if (part !== null && usedAt)
      this.ledger.problems.push(
        usedAt.source.problem(
          usedAt.path,
          {
            code: 'missing-from-campaign',
            zh: `通用件“${part}”需要${zh}“${written}”，使用者既未定义也未对应（map）`,
            en: `part '${part}' needs ${en} '${written}', which its user neither has nor maps`,
            expected: `map: { ${written}: … }`,
            guess: guessWord(written, known),
          },
          'key',
        ),
      );
    else
      this.tell(path, {
        code: 'unknown-reference',
        zh: `没有${zh}“${written}”`,
        en: `unknown ${en} '${written}'`,
        expected: known.slice(0, 30).join(', '),
        guess,
      });
    return id;
  }

  /** A list of references, or a single one. */
  refs(
    path: Path,
    sections: readonly SectionKey[],
    written: string | readonly string[] | undefined,
    also: readonly string[] = [],
  ): readonly string[] {
    if (written === undefined) return [];
    if (typeof written === 'string') return [this.ref(path, sections, written, also)];
    return written.map((name, i) => this.ref([...path, i], sections, name, also));
  }

  maybeRef(path: Path, sections: readonly SectionKey[], written: string | undefined, also: readonly string[] = []): string | null {
    return written === undefined ? null : this.ref(path, sections, written, also);
  }

  parameter(path: Path, id: string): string {
    return this.ref(path, ['parameters'], id);
  }

  /** A date with its roll; the names in it are checked. `within` the text, the column is exact. */
  date(path: Path, written: string, roll?: DateExpr['roll'], inCase = false): DateExpr {
    const parsed = parseDateExpr(written, roll === undefined ? {} : { roll });
    if (!parsed.ok) {
      const { error } = parsed;
      const code = error.code === 'bad-distance' ? 'bad-distance' : 'bad-date';
      const expected =
        code === 'bad-distance'
          ? error.expected
          : '2020-05-25, 05-25, 02-end, start(…), end(…), day(n), due(…), done(…), since, nextMonth(…), $parameter';
      this.tell(path, { code, zh: error.zh, en: error.en.replace(/; expected .*/s, ''), expected }, 'value', error.at);
      return { text: written, anchor: { kind: 'done', of: '' }, distances: [], roll: 'none', outside: false };
    }
    const { expr } = parsed;
    const at = (name: string): number => Math.max(written.indexOf(name), 0);
    const anchor = this.anchor(path, expr.anchor, at, inCase);
    const distances = expr.distances.map((d) =>
      d.kind === 'parameter' ? { ...d, parameter: this.inside(path, at(`$${d.parameter}`) + 1, ['parameters'], d.parameter) } : d,
    );
    return { ...expr, anchor, distances };
  }

  private anchor(path: Path, anchor: DateExpr['anchor'], at: (name: string) => number, inCase: boolean): DateExpr['anchor'] {
    switch (anchor.kind) {
      case 'start':
      case 'end':
        return anchor.of === 'period' ? anchor : { ...anchor, of: this.inside(path, at(anchor.of), ['phases'], anchor.of) };
      case 'due':
        return { ...anchor, of: this.inside(path, at(`(${anchor.of}`) + 1, ['duties', 'milestones'], anchor.of) };
      case 'done':
        return { ...anchor, of: this.inside(path, at(`(${anchor.of}`) + 1, ['duties'], anchor.of) };
      case 'parameter':
        return { ...anchor, parameter: this.inside(path, at(`$${anchor.parameter}`) + 1, ['parameters'], anchor.parameter) };
      case 'day':
        return typeof anchor.day === 'number'
          ? anchor
          : { ...anchor, day: { parameter: this.inside(path, at(`$${anchor.day.parameter}`) + 1, ['parameters'], anchor.day.parameter) } };
      case 'nextMonth':
        return { ...anchor, date: this.anchor(path, anchor.date, at, inCase) };
      case 'opened':
        if (inCase) return anchor;
        this.tell(path, {
          code: 'bad-date',
          zh: '“opened”只用于办件的状态',
          en: "'opened' belongs to a state of a case",
          expected: 'since, due(…), done(…), start(…), end(…)',
        });
        return anchor;
      case 'fact':
      case 'birthday':
        this.tell(path, {
          code: 'later-word',
          zh: `本版本还不认识“${anchor.kind}”：只用于办件`,
          en: `this version does not know '${anchor.kind}' yet: it belongs to cases`,
          expected: 'since, due(…), done(…), start(…), end(…)',
        });
        return anchor;
      case 'date':
      case 'monthDay':
      case 'monthEnd':
      case 'since':
        return anchor;
      default: {
        const never: never = anchor;
        return never;
      }
    }
  }

  /** A reference inside a written text, told at its own column. */
  private inside(path: Path, within: number, sections: readonly SectionKey[], written: string): string {
    const before = this.ledger.problems.length;
    const id = this.ref(path, sections, written);
    const told = this.ledger.problems[before];
    if (told?.code === 'unknown-reference') {
      const { code, zh, en, expected, guess } = told;
      this.ledger.problems[before] = this.source.problem([...this.base, ...path], { code, zh, en, expected, guess }, 'value', within);
    }
    return id;
  }

  /** A money parameter, as `$name`. */
  moneyParameter(path: Path, written: string): string {
    if (/^\$[A-Za-z]\w*$/.test(written)) {
      const parameter = this.inside(path, 1, ['parameters'], written.slice(1));
      this.parameterType(path, parameter, ['money']);
      return parameter;
    }
    this.tell(path, {
      code: 'bad-value',
      zh: `“${written}”须写成 $参数`,
      en: `'${written}' has to be a $parameter`,
      expected: '$parameter (type: money)',
    });
    return written;
  }

  roll(path: Path, written: string | undefined): DateExpr['roll'] {
    if (written === undefined) return 'none';
    if (written === 'none' || written === 'before' || written === 'after') return written;
    if (/^\$[A-Za-z]\w*$/.test(written)) {
      const parameter = this.inside(path, 1, ['parameters'], written.slice(1));
      this.parameterType(path, parameter, ['roll']);
      return { parameter };
    }
    const known = ['none', 'before', 'after'];
    this.tell(path, {
      code: 'not-in-list',
      zh: `“${written}”不在可选值中`,
      en: `'${written}' is not one of the choices`,
      expected: 'none | before | after | $parameter',
      guess: guessWord(written, known),
    });
    return 'none';
  }

  /** `+10d`, `-$parameter`. */
  distance(path: Path, written: string): Distance {
    const distance = readDistance(written);
    if (!distance) {
      this.tell(path, {
        code: 'bad-distance',
        zh: `不是有效的间隔：“${written}”`,
        en: `not a distance: '${written}'`,
        expected: '+10d, -1m, +1y, +5wd, +$parameter',
      });
      return { kind: 'fixed', n: 0, unit: 'd' };
    }
    if (distance.kind === 'fixed') return distance;
    const parameter = this.inside(path, written.indexOf('$') + 1, ['parameters'], distance.parameter);
    this.parameterType(path, parameter, ['duration']);
    return { ...distance, parameter };
  }

  rhythm(path: Path, written: string): Rhythm {
    if (written === 'day' || written === 'month' || written === 'quarter' || written === 'year') return { kind: written };
    const distance = readDistance(written);
    if (distance && (distance.kind === 'parameter' ? distance.sign > 0 : distance.n > 0))
      return { kind: 'distance', distance: this.distance(path, written) };
    this.tell(path, {
      code: 'bad-value',
      zh: `不是有效的周期：“${written}”`,
      en: `not a rhythm: '${written}'`,
      expected: 'day | month | quarter | year | 7d | $parameter',
      guess: guessWord(written, ['day', 'month', 'quarter', 'year']),
    });
    return { kind: 'year' };
  }

  /** A parameter named where only some types make sense. */
  parameterType(path: Path, id: string, types: readonly string[]): void {
    const parameter = this.find('parameters', id);
    if (!parameter || types.includes(parameter.type)) return;
    this.tell(path, {
      code: 'bad-value',
      zh: `参数“${id}”的类型是${parameter.type}，此处应为${types.join('或')}`,
      en: `parameter '${id}' is of type ${parameter.type}, here it must be ${types.join(' or ')}`,
      expected: types.join(' | '),
    });
  }

  /** Notes an expression; it is type-checked when everything it may name is known. */
  cel(path: Path, source: string, place: Place, expected: readonly CelType[] = ['bool']): string {
    this.ledger.expressions.push({ reader: this, path, source, place, expected });
    for (const match of source.matchAll(/\bparam\.([A-Za-z]\w*)/g)) this.ledger.used.add(`parameters:${match[1] ?? ''}`);
    return source;
  }
}
