import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type Scalar } from 'yaml';
import { printPath, type Path, type Problem, type ProblemCode } from './problem.js';

/** Plain data of a YAML file: strings, numbers, booleans, null, lists and maps with text keys. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

interface Place {
  readonly key: number;
  readonly value: number;
  /** The scalar as written, without quotes. */
  readonly text: string | null;
  /** Offset of the scalar's first character when it is written on one line without escapes: then columns inside it are exact. */
  readonly inside: number | null;
}

/** What a message says beside its place. */
export interface Said {
  readonly code: ProblemCode;
  readonly zh: string;
  readonly en: string;
  readonly expected?: string | null;
  readonly guess?: string | null;
}

/** A read file: its data, and where each piece of it stands. */
export interface Source {
  readonly file: string;
  readonly data: Plain;
  /** A mistake at a path: at its value, or at its key; `within` counts characters inside a one-line scalar. A path that is not written is reported at its nearest written parent. */
  problem(path: Path, said: Said, at?: 'key' | 'value', within?: number): Problem;
  /** A scalar as it is written, without its quotes; null for anything else. */
  written(path: Path): string | null;
}

/** Larger files are refused before they are parsed. */
export const MAX_BYTES = 256 * 1024;
/** Deeper nesting is refused before it is parsed. */
export const MAX_DEPTH = 40;

const join = (path: Path): string => path.join('\u0001');

function tooDeep(text: string): number | null {
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const c = text[i];
    if (c === '[' || c === '{') depth += 1;
    else if ((c === ']' || c === '}') && depth > 0) depth -= 1;
    if (depth > MAX_DEPTH) return i;
  }
  const lines = /^(?:[ \t]{120,}(?=\S)|[ \t]*(?:[-?][ \t]+){8,})/m.exec(text);
  return lines ? lines.index : null;
}

/** Reads one YAML file: size and depth first, then syntax, then what the language does not allow of YAML. All mistakes at once. */
export function readSource(file: string, written: string): { readonly source: Source; readonly problems: readonly Problem[] } {
  const text = written.startsWith('\uFEFF') ? written.slice(1) : written;
  const problems: Problem[] = [];
  const places = new Map<string, Place>();
  const lines = new LineCounter();
  const tell = (offset: number, path: Path, said: Said): Problem => {
    const { line, col } = lines.linePos(offset);
    return {
      code: said.code,
      file,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      path: printPath(path),
      zh: said.zh,
      en: said.en,
      expected: said.expected ?? null,
      guess: said.guess ?? null,
    };
  };
  const source = (data: Plain): Source => ({
    file,
    data,
    written: (path) => places.get(join(path))?.text ?? null,
    problem(path, said, at = 'value', within) {
      for (let length = path.length; length >= 0; length -= 1) {
        const place = places.get(join(path.slice(0, length)));
        if (!place) continue;
        const written = length === path.length;
        const offset =
          at === 'key' || !written ? place.key : place.inside !== null && within !== undefined ? place.inside + within : place.value;
        return tell(offset, path, said);
      }
      return tell(0, path, said);
    },
  });

  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > MAX_BYTES)
    return {
      source: source(null),
      problems: [
        tell(0, [], {
          code: 'too-large',
          zh: `文件有${bytes}字节，超过上限${MAX_BYTES}字节`,
          en: `the file has ${bytes} bytes, more than ${MAX_BYTES}`,
          expected: `<= ${MAX_BYTES}`,
        }),
      ],
    };
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) lines.addNewLine(i + 1);
  lines.lineStarts.unshift(0);
  const broken = text.indexOf('\uFFFD');
  if (broken >= 0)
    return {
      source: source(null),
      problems: [
        tell(broken, [], {
          code: 'not-utf8',
          zh: '文件不是UTF-8编码，请另存为UTF-8',
          en: 'the file is not UTF-8: save it as UTF-8',
          expected: 'UTF-8',
        }),
      ],
    };
  const deep = tooDeep(text);
  if (deep !== null)
    return {
      source: source(null),
      problems: [
        tell(deep, [], {
          code: 'too-deep',
          zh: `嵌套超过${MAX_DEPTH}层，未解析`,
          en: `nested deeper than ${MAX_DEPTH}, not parsed`,
          expected: `<= ${MAX_DEPTH}`,
        }),
      ],
    };

  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
    merge: false,
    strict: true,
    logLevel: 'error',
    prettyErrors: false,
  });
  for (const error of document.errors) {
    problems.push(
      tell(error.pos[0], [], { code: 'not-yaml', zh: `不是合法的YAML：${error.message}`, en: `not valid YAML: ${error.message}` }),
    );
  }
  if (problems.length > 0) return { source: source(null), problems };

  const refuse = (node: Node, path: Path, said: Said): void => void problems.push(tell(node.range?.[0] ?? 0, path, said));
  const inside = (node: Scalar): number | null => {
    if (typeof node.value !== 'string' || !node.range) return null;
    const start = node.range[0] + (node.type === 'PLAIN' ? 0 : 1);
    return text.startsWith(node.value, start) ? start : null;
  };
  const walk = (node: Node | null, path: Path, key: number): Plain => {
    if (node === null) {
      places.set(join(path), { key, value: key, text: null, inside: null });
      return null;
    }
    places.set(join(path), {
      key,
      value: node.range?.[0] ?? key,
      text: isScalar(node) ? (node.source ?? null) : null,
      inside: isScalar(node) ? inside(node) : null,
    });
    if (isAlias(node)) {
      refuse(node, path, {
        code: 'alias',
        zh: `不允许别名“*${node.source}”，请直接写出内容`,
        en: `alias '*${node.source}' is not allowed: write the content out`,
      });
      return null;
    }
    if (node.anchor)
      refuse(node, path, { code: 'anchor', zh: `不允许锚点“&${node.anchor}”`, en: `anchor '&${node.anchor}' is not allowed` });
    if (node.tag) refuse(node, path, { code: 'tag', zh: `不允许类型标记“${node.tag}”`, en: `tag '${node.tag}' is not allowed` });
    if (isSeq(node)) return node.items.map((item, i) => walk(item as Node | null, [...path, i], (item as Node | null)?.range?.[0] ?? key));
    if (isMap(node)) {
      const entries: [string, Plain][] = [];
      const seen = new Set<string>();
      for (const pair of node.items) {
        const name = pair.key as Node;
        const at = name.range?.[0] ?? key;
        if (!isScalar(name) || typeof name.value !== 'string') {
          const shown = isScalar(name) ? String(name.value) : '[…]';
          refuse(name, path, {
            code: 'key-not-text',
            zh: `键“${shown}”不是文字，请加引号`,
            en: `key '${shown}' is not text: put it in quotes`,
            guess: isScalar(name) ? `"${name.source ?? shown}"` : null,
          });
          continue;
        }
        const id = name.value;
        if (id === '__proto__') {
          refuse(name, [...path, id], { code: 'unknown-key', zh: '没有“__proto__”这个词', en: "unknown key '__proto__'" });
          continue;
        }
        if (id === '<<') {
          refuse(name, [...path, id], {
            code: 'merge-key',
            zh: '不允许合并键“<<”，请直接写出内容',
            en: "merge key '<<' is not allowed: write the content out",
          });
          continue;
        }
        if (name.anchor)
          refuse(name, [...path, id], { code: 'anchor', zh: `不允许锚点“&${name.anchor}”`, en: `anchor '&${name.anchor}' is not allowed` });
        if (name.tag)
          refuse(name, [...path, id], { code: 'tag', zh: `不允许类型标记“${name.tag}”`, en: `tag '${name.tag}' is not allowed` });
        if (seen.has(id)) {
          refuse(name, [...path, id], { code: 'duplicate-key', zh: `键“${id}”写了两次`, en: `key '${id}' is written twice` });
          continue;
        }
        seen.add(id);
        entries.push([id, walk(pair.value as Node | null, [...path, id], at)]);
      }
      return Object.fromEntries(entries);
    }
    if (!isScalar(node)) return null;
    const value = node.value;
    if (node.type === 'PLAIN' && /^[-+]?\d{16,}$/.test(node.source ?? '')) {
      refuse(node, path, {
        code: 'long-number',
        zh: `数字${node.source}超过15位，会被改写；身份证号等请加引号`,
        en: `number ${node.source} has more than 15 digits and would be altered: put it in quotes`,
        expected: 'text',
        guess: `"${node.source}"`,
      });
      return node.source ?? null;
    }
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
  };
  const data = walk(document.contents as Node | null, [], 0);
  if (problems.length === 0 && (data === null || typeof data !== 'object' || Array.isArray(data)))
    problems.push(
      tell(0, [], {
        code: 'not-a-map',
        zh: '文件应为一张“键: 值”表',
        en: 'the file must be one map of keys and values',
        expected: 'duban: 1',
      }),
    );
  return { source: source(data), problems };
}
