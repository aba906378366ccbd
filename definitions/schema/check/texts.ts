import type { Definition, Response } from '../../../domain/model/definition.js';
import { Reader, type Ledger } from '../resolve/reader.js';
import { textFields } from '../resolve/when.js';

/** A text may print the fields of a case when only cases that have them send it: nothing is ever printed blank. */
export function checkTexts(ledger: Ledger, definition: Definition): void {
  const senders = sendersOf(definition);
  for (const text of Object.values(definition.texts)) {
    const item = ledger.book.items.texts.get(text.id);
    const fields = [...`${text.say.zh}${text.say.en ?? ''}`.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
    const own = fields.filter((field) => !textFields.some((one) => one === field) && definition.parameters[field] === undefined);
    if (!item || own.length === 0) continue;
    for (const sender of senders.get(text.id) ?? []) {
      const known = definition.cases?.[sender]?.fields.map(({ id }) => id) ?? [];
      for (const field of own)
        if (!known.includes(field))
          Reader.of(ledger, item).tell(['say'], {
            code: 'unknown-field',
            zh: `“${sender}”发出这段文字时没有栏位“{${field}}”（发给单位的合并多件）`,
            en: `'${sender}' sends this text without a field '{${field}}' (what goes to an office speaks of several cases)`,
            expected: [...known, ...textFields].join(', '),
          });
    }
  }
}

/** Which duties, milestones and kinds of case send each text. */
function sendersOf(definition: Definition): ReadonlyMap<string, ReadonlySet<string>> {
  const senders = new Map<string, Set<string>>();
  const add = (sender: string, responses: readonly Response[]): void => {
    for (const response of responses)
      if (response.kind === 'tell') {
        const all = senders.get(response.text) ?? new Set();
        // What goes to an office speaks of many cases at once: nothing of a single one can stand in it.
        senders.set(response.text, all.add(response.to.every((to) => to === 'person') ? sender : `${sender} → ${response.to.join(', ')}`));
      }
  };
  const rungs = (ladder: string | null): readonly Response[] =>
    ladder === null ? [] : (definition.ladders[ladder]?.rungs.map(({ response }) => response) ?? []);
  for (const duty of Object.values(definition.duties)) add(duty.id, [...duty.missed, ...rungs(duty.ladder)]);
  for (const milestone of Object.values(definition.milestones)) add(milestone.id, [...milestone.met, ...milestone.missed]);
  for (const type of Object.values(definition.cases ?? {}))
    add(type.id, [...type.acts.flatMap(({ then }) => then), ...type.states.flatMap(({ ladder }) => rungs(ladder))]);
  return senders;
}
