import type { Definition, Text, Value } from '../../domain/model/definition.js';
import type { Fen } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import { formatYuan } from '../../domain/money/fen.js';

/** A field without a value at sending: never a blank in a notice, but an incident. */
export class FieldMissing extends Error {
  override readonly name = 'FieldMissing';
  constructor(
    readonly text: string,
    readonly field: string,
  ) {
    super(`text ${text}: no value for {${field}}`);
  }
}

/** The words of a notice to one role, in one language; English falls back to Chinese where the text has none. Throws `FieldMissing`. */
export function renderText(
  setting: Setting,
  text: Text,
  fields: Readonly<Record<string, Value>>,
  role: string,
  language: 'zh' | 'en',
): string {
  const words = language === 'en' && text.say.en !== null ? text.say.en : text.say.zh;
  return words.replaceAll(/\{(\w+)\}/g, (_, field: string) => {
    const value = field === 'role' ? (setting.definition.roles[role]?.title ?? role) : valueText(setting, field, fields[field]);
    if (value === undefined) throw new FieldMissing(text.id, field);
    return String(value);
  });
}

/** A parameter's value comes with the notice, as it was for its unit; money is printed in yuan. */
function valueText(setting: Setting, field: string, given: Value | undefined): string | undefined {
  const declared = (setting.definition satisfies Definition).parameters[field];
  const value = given ?? setting.parameters[field]?.value ?? declared?.value;
  if (value === null || value === undefined) return undefined;
  return declared?.type === 'money' && typeof value === 'number' ? formatYuan(value as Fen) : String(value);
}

/** One message of several notices: each in a line of its own, none left out. */
export function digestOf(lines: readonly string[], language: 'zh' | 'en'): { readonly subject: string; readonly body: string } {
  const [only = ''] = lines;
  if (lines.length === 1) return { subject: only.length > 40 ? `${only.slice(0, 39)}…` : only, body: only };
  const subject = language === 'en' ? `${lines.length} notices` : `督办提醒${lines.length}条`;
  return { subject, body: lines.map((line, i) => `${i + 1}. ${line}`).join('\n') };
}
