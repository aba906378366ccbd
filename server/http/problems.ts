import { problemTypes, type ProblemCode } from './problem-codes.js';

/** One wrong place of a request: where, what, and in both languages. */
export interface Fault {
  readonly in: 'body' | 'query' | 'path' | 'header' | 'file';
  /** `parameters.patrolEvery`, or a header's name. */
  readonly path: string;
  readonly code: string;
  readonly zh: string;
  readonly en: string;
}

export interface ProblemExtras {
  /** What is special this time; the type's title is always there beside it. */
  readonly zh?: string;
  readonly en?: string;
  /** What the caller can do about it this time, when more is known than for the type. */
  readonly wayOut?: { readonly zh: string; readonly en: string } | null;
  readonly errors?: readonly Fault[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the document (RFC 9457 section 3.2). */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Thrown anywhere in a request: answered as a problem document, and nothing is changed. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly code: ProblemCode,
    readonly extras: ProblemExtras = {},
  ) {
    super(code, extras.cause === undefined ? undefined : { cause: extras.cause });
  }

  get status(): number {
    return problemTypes[this.code].status;
  }
}

export const notFound = (): Problem => new Problem('not-found');

export type Language = 'zh' | 'en';

/** Chinese unless English is preferred by Accept-Language. */
export function languageOf(acceptLanguage: string | undefined): Language {
  const ranked = (acceptLanguage ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...rest] = part.trim().toLowerCase().split(';');
      const q = rest.map((p) => p.trim()).find((p) => p.startsWith('q='));
      return { tag: tag.trim(), q: q === undefined ? 1 : Number(q.slice(2)) };
    })
    .filter(({ tag, q }) => /^(zh|en)\b/.test(tag) && q > 0)
    .sort((a, b) => b.q - a.q);
  return ranked[0]?.tag.startsWith('en') === true ? 'en' : 'zh';
}

/** The RFC 9457 document; both languages are always in it, `title` and `detail` in the asked one. */
export function problemDocument(problem: Problem, language: Language, instance: string): Record<string, unknown> {
  const type = problemTypes[problem.code];
  const { zh, en, errors, members } = problem.extras;
  const wayOut = problem.extras.wayOut ?? type.wayOut;
  const texts = {
    zh: { title: type.zh, detail: zh ?? type.zh, wayOut: wayOut.zh },
    en: { title: type.en, detail: en ?? type.en, wayOut: wayOut.en },
  };
  return {
    type: `/api/v1/problems/${problem.code}`,
    title: texts[language].title,
    status: problem.status,
    detail: texts[language].detail,
    instance,
    code: problem.code,
    ...texts,
    ...(errors === undefined ? {} : { errors }),
    ...members,
  };
}
