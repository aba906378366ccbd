import type { ListedWorld } from '../pages.js';
import { head, say, type Language } from '../texts.js';

/** Says that a list is of a rehearsal, and names the worlds left out; nothing where there is only the real one. */
export function worldLine(world: ListedWorld | null, language: Language): string {
  if (world === null) return '';
  const kind = world.virtual ? head('演练', 'rehearsal', language) : head('真实', 'real', language);
  const own = world.virtual ? `${head('世界', 'world', language)} ${world.id}（${kind}）  ${world.now.replace('T', ' ')}` : '';
  const others = world.others.map((id) => `--world ${id}`).join('、');
  const more = others === '' ? '' : say({ zh: `另有：${others}`, en: `also: ${others}` }, language);
  const first = own === '' && more !== '' ? `${head('世界', 'world', language)} ${world.id}（${kind}）` : own;
  return first === '' ? '' : `${[first, more].filter((part) => part !== '').join('；')}\n`;
}
