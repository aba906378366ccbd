import { digestOf } from '../publish/digest.js';
import {
  campaignFile,
  laterWords,
  partFile,
  sectionNames,
  sections,
  type CampaignFile,
  type PartFile,
  type SectionKey,
} from '../written/file.js';
import { checkShape, unknownKey } from '../written/shape-problems.js';
import { guessWord } from '../text/guess.js';
import type { Path, Problem } from '../text/problem.js';
import { readSource, type Plain, type Source } from '../text/source.js';

/** Gives a file by its path as the definitions name it, as text or bytes (UTF-8); null when there is none. */
export type ReadFile = (path: string) => string | Uint8Array | null;

/** The text of a file; bytes that are not UTF-8 are told by the reader as such. */
export function textOfFile(readFile: ReadFile, path: string): string | null {
  const content = readFile(path);
  if (content === null || typeof content === 'string') return content;
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(content);
}

type Elements = { readonly [S in SectionKey]: NonNullable<CampaignFile[S]>[string] };

/** A written element with the file it stands in. `written` is null when its shape is wrong: it is known by its id, so that references to it are not told again. */
export interface Item<S extends SectionKey = SectionKey> {
  readonly section: S;
  readonly id: string;
  readonly written: Elements[S] | null;
  readonly file: OpenFile;
}

/** A file that takes part in a definition: the campaign, or a part with the names its user gives to what it leaves open. */
export interface OpenFile {
  readonly source: Source;
  readonly part: string | null;
  readonly alias: ReadonlyMap<string, string>;
  /** Names that its elements refer to. */
  readonly lookedUp: Set<string>;
  /** Where the user's `use` stands. */
  readonly usedAt: { readonly source: Source; readonly path: Path } | null;
  readonly digest: string;
  readonly version: string;
  readonly clause: readonly string[];
}

type Head<T> = Omit<T, SectionKey>;

/** A campaign with its parts, as written: every element by section and id. */
export interface Book {
  readonly head: Head<CampaignFile> | null;
  readonly campaign: OpenFile;
  readonly parts: readonly OpenFile[];
  readonly items: { readonly [S in SectionKey]: ReadonlyMap<string, Item<S>> };
  /** Values given to parameters of parts. */
  readonly values: ReadonlyMap<string, { readonly value: string | number | boolean; readonly source: Source; readonly path: Path }>;
  readonly problems: Problem[];
  readonly readFile: ReadFile;
}

type Items = { [S in SectionKey]: Map<string, Item<S>> };
type Values = Map<string, { value: string | number | boolean; source: Source; path: Path }>;

const list = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;
const isMap = (value: Plain | undefined): value is { readonly [key: string]: Plain } =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

export const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.');
/** A path without `x/..` and `./`. */
export function tidyPath(path: string): string {
  const out: string[] = [];
  for (const step of path.split('/')) {
    if (step === '.' || (step === '' && out.length > 0)) continue;
    if (step === '..' && out.length > 0 && out.at(-1) !== '..' && out.at(-1) !== '') out.pop();
    else out.push(step);
  }
  return out.join('/');
}
/** Where a part may stand, seen from the file that uses it. */
export const partPaths = (user: string, id: string): readonly string[] =>
  [`${folderOf(user)}/../parts/${id}.yaml`, `${folderOf(user)}/parts/${id}.yaml`, `${folderOf(user)}/${id}.yaml`].map(tidyPath);

/** Opens a file and everything it uses. */
export function openBook(file: string, readFile: ReadFile): Book | { readonly problems: readonly Problem[] } {
  const text = textOfFile(readFile, file);
  if (text === null)
    return {
      problems: [
        {
          code: 'file-missing',
          file,
          line: 1,
          column: 1,
          path: '',
          zh: '没有这个文件',
          en: 'there is no such file',
          expected: null,
          guess: null,
        },
      ],
    };
  const { source, problems } = readSource(file, text);
  if (!isMap(source.data)) return { problems };
  const items = Object.fromEntries(sectionNames.map((name) => [name, new Map()])) as Items;
  const values: Values = new Map();
  const told: Problem[] = [...problems];
  const alone = source.data['kind'] === 'part';
  const opened = readFileShape(source, source.data, alone ? 'part' : 'campaign');
  told.push(...opened.problems);
  const campaign: OpenFile = {
    source,
    part: null,
    alias: new Map(),
    lookedUp: new Set(),
    usedAt: null,
    digest: digestOf(source.data),
    version: opened.head?.version ?? '',
    clause: list(opened.head?.clause),
  };
  const parts = new Map<string, OpenFile>();
  addItems(items, campaign, source.data, told);
  // What it leaves open only its user names: by itself no more than its shape can be told.
  if (alone) return { problems: [...told, partAlone(source)] };
  const context: Opening = { readFile, items, values, parts, told };
  openParts(context, campaign, source.data, [file]);
  return { head: opened.head as Head<CampaignFile> | null, campaign, parts: [...parts.values()], items, values, problems: told, readFile };
}

const partAlone = (source: Source): Problem =>
  source.problem(['kind'], {
    code: 'part-alone',
    zh: '通用件随使用它的方案一起检查，此处只查了写法',
    en: 'a part is checked with the campaign that uses it; here only how it is written was looked at',
    expected: 'duban lint definitions/campaigns/<id>.yaml',
    guess: null,
  });

interface Opening {
  readonly readFile: ReadFile;
  readonly items: Items;
  readonly values: Values;
  readonly parts: Map<string, OpenFile>;
  readonly told: Problem[];
}

/** Checks the head of a file; sections are checked element by element. */
function readFileShape(
  source: Source,
  data: { readonly [key: string]: Plain },
  kind: 'campaign' | 'part',
): { readonly head: Head<CampaignFile> | Head<PartFile> | null; readonly problems: readonly Problem[] } {
  const schema = kind === 'campaign' ? campaignFile : partFile;
  const known = Object.keys(schema.shape);
  const problems = Object.keys(data)
    .filter((key) => !known.includes(key))
    .map((key) => unknownKey(source, [key], key, key in laterWords ? sectionNames : known));
  if (kind === 'part' && data['kind'] === 'campaign')
    return {
      head: null,
      problems: [
        ...problems,
        source.problem(['kind'], {
          code: 'not-a-part',
          zh: '被使用的文件应为通用件',
          en: 'a file that is used must be a part',
          expected: 'part',
          guess: 'part',
        }),
      ],
    };
  const headOnly = Object.fromEntries(Object.entries(data).filter(([key]) => known.includes(key) && !(key in sections)));
  const checked = checkShape(schema, headOnly, source, []);
  return { head: checked.value as Head<CampaignFile> | null, problems: [...problems, ...checked.problems] };
}

function addItems(items: Items, file: OpenFile, data: { readonly [key: string]: Plain }, told: Problem[]): void {
  const { source } = file;
  for (const name of sectionNames) {
    const written = data[name];
    if (written === undefined) continue;
    if (!isMap(written)) {
      told.push(
        source.problem([name], {
          code: 'wrong-type',
          zh: `“${name}”应为一张“标识: 内容”表`,
          en: `'${name}' must be a map of ids`,
          expected: 'id: { … }',
        }),
      );
      continue;
    }
    for (const [id, value] of Object.entries(written)) addItem(items, name, id, value, file, told);
  }
}

function addItem<S extends SectionKey>(items: Items, section: S, id: string, value: Plain, file: OpenFile, told: Problem[]): void {
  const { source } = file;
  if (!/^[a-z][A-Za-z0-9]{0,39}$/.test(id))
    told.push(
      source.problem(
        [section, id],
        { code: 'bad-id', zh: `“${id}”不能作标识`, en: `'${id}' cannot be an id`, expected: '小驼峰英文标识 / id in ASCII camelCase' },
        'key',
      ),
    );
  const schema = sections[section].unwrap().valueType;
  const checked = checkShape(schema, value, source, [section, id]);
  told.push(...checked.problems);
  const mine = items[section];
  // `may` names built-in acts, not elements: it has its own ids.
  const others = section === 'may' ? [mine] : sectionNames.filter((name) => name !== 'may').map((name) => items[name]);
  const before = others.map((map) => map.get(id)).find((item) => item !== undefined);
  if (before) {
    told.push(
      source.problem(
        [section, id],
        {
          code: 'duplicate-id',
          zh: `标识“${id}”已在${before.section}中（${before.file.source.file}）`,
          en: `id '${id}' is already in ${before.section} (${before.file.source.file})`,
        },
        'key',
      ),
    );
    return;
  }
  mine.set(id, { section, id, written: checked.value as Elements[S] | null, file });
}

function openParts(context: Opening, user: OpenFile, data: { readonly [key: string]: Plain }, chain: readonly string[]): void {
  const uses = data['use'];
  if (!isMap(uses)) return;
  for (const [id, use] of Object.entries(uses)) openPart(context, user, id, use, chain);
}

function openPart(context: Opening, user: OpenFile, id: string, use: Plain, chain: readonly string[]): void {
  const { told, parts } = context;
  const at = ['use', id];
  const paths = partPaths(user.source.file, id);
  const path = paths.find((one) => chain.includes(one) || context.readFile(one) !== null);
  if (path === undefined) {
    told.push(
      user.source.problem(
        at,
        { code: 'file-missing', zh: `没有通用件“${id}”`, en: `there is no part '${id}'`, expected: paths.join(' | ') },
        'key',
      ),
    );
    return;
  }
  if (chain.includes(path)) {
    const circle = [...chain.slice(chain.indexOf(path)), path].join(' -> ');
    told.push(user.source.problem(at, { code: 'cyclic-use', zh: `互相使用：${circle}`, en: `files use each other: ${circle}` }, 'key'));
    return;
  }
  const { source, problems } = readSource(path, textOfFile(context.readFile, path) ?? '');
  told.push(...problems);
  if (!isMap(source.data)) return;
  const wanted = isMap(use) ? use : {};
  const shape = readFileShape(source, source.data, 'part');
  told.push(...shape.problems);
  const version = shape.head?.version ?? '';
  if (shape.head && typeof wanted['version'] === 'string' && wanted['version'] !== version)
    told.push(
      user.source.problem([...at, 'version'], {
        code: 'part-version',
        zh: `通用件“${id}”的版本是${version}`,
        en: `part '${id}' has version ${version}`,
        expected: `"${version}"`,
        guess: `"${version}"`,
      }),
    );
  if (parts.has(id)) return;
  const map = isMap(wanted['map'])
    ? Object.entries(wanted['map']).filter((pair): pair is [string, string] => typeof pair[1] === 'string')
    : [];
  // What a part maps to is a name of its user, which its own user may map on.
  const alias = new Map(map.map(([from, to]) => [from, user.alias.get(to) ?? to]));
  const clause = wanted['clause'];
  const file: OpenFile = {
    source,
    part: id,
    alias,
    lookedUp: new Set(),
    usedAt: { source: user.source, path: at },
    digest: digestOf(source.data),
    version,
    clause:
      typeof clause === 'string' ? [clause] : Array.isArray(clause) ? clause.filter((one): one is string => typeof one === 'string') : [],
  };
  parts.set(id, file);
  addItems(context.items, file, source.data, told);
  openParts(context, file, source.data, [...chain, path]);
  const given = isMap(wanted['value']) ? Object.entries(wanted['value']) : [];
  const own = isMap(source.data['parameters']) ? Object.keys(source.data['parameters']) : [];
  for (const [name, value] of given) {
    const place = [...at, 'value', name];
    if (!own.includes(name))
      told.push(
        user.source.problem(
          place,
          {
            code: 'value-unknown',
            zh: `通用件“${id}”没有参数“${name}”`,
            en: `part '${id}' has no parameter '${name}'`,
            expected: own.join(', '),
            guess: guessWord(name, own),
          },
          'key',
        ),
      );
    else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      context.values.set(name, { value, source: user.source, path: place });
  }
}
