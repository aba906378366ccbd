import { ImportRefusal, type ImportRefusalCode } from '../imports/problem.js';

/** Acts of daily work are refused like files: a stable code, two languages, nothing changed. */
export const refuse = (code: ImportRefusalCode, zh: string, en: string, params: ImportRefusal['params'] = {}): ImportRefusal =>
  new ImportRefusal(code, zh, en, params);
