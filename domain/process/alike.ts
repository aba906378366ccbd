/** Distinct texts in the order in which they came, with their places. */
class Texts {
  readonly all: string[] = [];
  readonly #places = new Map<string, number>();

  place(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    this.#places.set(text, this.all.length);
    return this.all.push(text) - 1;
  }
  find(text: string): number | undefined {
    return this.#places.get(text);
  }
}

/** What `AlikeWriter` has found out about rows, and `AlikeReader` needs. */
export interface Alike {
  /** Units that the rows name. */
  readonly units: readonly string[];
  /** Distinct fields and keys as JSON text, the units of the row in it by marks: the first is U+0001, the next U+0002. */
  readonly fields: readonly string[];
  /** Distinct rows as places of their key and fields. */
  readonly forms: readonly string[];
}

interface Row {
  readonly form: number;
  readonly units: readonly number[];
}

/** JSON text has no such characters of its own: they are written as escapes there. */
const markOf = (n: number): string => String.fromCharCode(n + 1);
const MOST_UNITS = 8;
const MARKS = new RegExp(`[${markOf(0)}-${markOf(MOST_UNITS - 1)}]`, 'g');
const short = (n: number): string => n.toString(36);
const long = (text: string): number => Number.parseInt(text, 36);
/** What ids are put together with: `~reply/visit/v1@2020-05#1.missed/collector/v1`. */
const BETWEEN = /[/@#+]/;

/**
 * Writes tables whose rows differ in little but the unit they are of: each distinct field once, each distinct row once, and then which units have it.
 * 400 villages that owe the same are a few hundred bytes. Whatever rows hold comes back exactly, like in nothing or not.
 */
export class AlikeWriter {
  readonly #units = new Texts();
  readonly #fields = new Texts();
  readonly #forms = new Texts();
  /** Whole rows, marked, with their forms. */
  readonly #known = new Map<string, number>();

  get alike(): Alike {
    return { units: this.#units.all, fields: this.#fields.all, forms: this.#forms.all };
  }

  /** A unit that rows may name; to be said before the first row that does. */
  knows(unit: string): void {
    this.#units.place(unit);
  }

  /** A table as text. `asSet`: the order of its rows means nothing, and is that of the units afterwards. */
  table(rows: Readonly<Record<string, object>>, asSet = false): string {
    const written = Object.entries(rows).map(([key, row]) => this.#row(key, row));
    if (asSet) written.sort((a, b) => a.form - b.form || (a.units[0] ?? 0) - (b.units[0] ?? 0) || (a.units[1] ?? 0) - (b.units[1] ?? 0));
    return inRuns(written);
  }

  #row(key: string, row: object): Row {
    const places = new Set<number>();
    for (const part of key.split(BETWEEN)) {
      const place = this.#units.find(part);
      if (place !== undefined && places.size < MOST_UNITS) places.add(place);
    }
    const units = [...places];
    const names = units.map((place) => this.#units.all[place] ?? '');
    const marked = (text: string): string => names.reduce((marking, name, n) => marking.replaceAll(name, markOf(n)), text);
    // Most rows are as one before them: only one that is not is taken apart.
    const whole = marked(JSON.stringify([key, row]));
    let form = this.#known.get(whole);
    if (form === undefined) {
      const fields = Object.entries(row).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
      form = this.#forms.place([JSON.stringify(key), ...fields].map((text) => short(this.#fields.place(marked(text)))).join(' '));
      this.#known.set(whole, form);
    }
    return { form, units };
  }
}

/** `form:unit` for each row, the form only where it changes, units that follow each other as `from-to`. */
function inRuns(rows: readonly Row[]): string {
  const runs: string[] = [];
  for (let at = 0, form = -1; at < rows.length;) {
    const row = rows[at];
    if (row === undefined) break;
    let next = at + 1;
    const [first] = row.units;
    if (row.units.length === 1 && first !== undefined)
      while (rows[next]?.form === row.form && rows[next]?.units[0] === first + next - at) next += 1;
    const units = next - at > 1 && first !== undefined ? `${short(first)}-${short(first + next - at - 1)}` : row.units.map(short).join(',');
    runs.push(row.form === form ? units : `${short(row.form)}:${units}`);
    form = row.form;
    at = next;
  }
  return runs.join(' ');
}

export class AlikeReader {
  constructor(private readonly alike: Alike) {}

  /** The rows of a table by their keys. */
  table<T extends object>(text: string): Record<string, T> {
    const rows: Record<string, T> = {};
    let form: readonly string[] = [];
    for (const run of text === '' ? [] : text.split(' ')) {
      const colon = run.indexOf(':');
      if (colon >= 0) form = this.#form(long(run.slice(0, colon)));
      for (const units of unitsOf(run.slice(colon + 1))) {
        const [key, row]: [string, T] = JSON.parse(this.#text(form, units));
        rows[key] = row;
      }
    }
    return rows;
  }

  #form(place: number): readonly string[] {
    return (this.alike.forms[place] ?? '').split(' ').map((field) => this.alike.fields[long(field)] ?? '');
  }

  #text([key = '', ...fields]: readonly string[], units: readonly number[]): string {
    return `[${key},{${fields.join(',')}}]`.replace(MARKS, (mark) => this.alike.units[units[mark.charCodeAt(0) - 1] ?? -1] ?? '');
  }
}

function unitsOf(run: string): readonly (readonly number[])[] {
  const [from = '', to] = run.split('-');
  if (to !== undefined) return Array.from({ length: long(to) - long(from) + 1 }, (_, n) => [long(from) + n]);
  return [run === '' ? [] : run.split(',').map(long)];
}
