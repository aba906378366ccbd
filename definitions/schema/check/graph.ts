import type { Definition } from '../../../domain/model/definition.js';
import { proveTable } from '../../../domain/rules/prove.js';
import { Reader, type Ledger } from '../resolve/reader.js';
import { guessWord } from '../text/guess.js';
import { circlesOf } from './circles.js';

/** `needs` in a circle, with the gates of the phase a duty belongs to; printed as the chain. */
export function checkNeedsCircles(ledger: Ledger, definition: Definition): void {
  const edges = new Map(
    Object.values(definition.duties).map((duty) => [
      duty.id,
      [...duty.needs, ...(duty.during === null ? [] : (definition.phases[duty.during]?.needs ?? []))],
    ]),
  );
  for (const circle of circlesOf(edges)) {
    const [first = ''] = circle;
    const item = ledger.book.items.duties.get(first);
    const chain = [...circle, first].join(' -> ');
    if (item)
      Reader.of(ledger, item).tell([item.written?.needs === undefined ? 'during' : 'needs'], {
        code: 'needs-circle',
        zh: `任务互为前提：${chain}`,
        en: `duties need each other: ${chain}`,
      });
  }
}

/** Every pair held apart must be able to be held by two people. */
export function checkApart(ledger: Ledger, definition: Definition): void {
  for (const apart of Object.values(definition.apart)) {
    const item = ledger.book.items.apart.get(apart.id);
    if (!item) continue;
    const single = apart.of.map((id) => {
      const owes = definition.duties[id]?.owes ?? [];
      const [role] = owes;
      return owes.length === 1 && role !== undefined && definition.roles[role]?.most === 1 ? role : null;
    });
    single.forEach((role, i) => {
      const other = role === null ? -1 : single.indexOf(role);
      if (other >= 0 && other < i)
        Reader.of(ledger, item).tell(['of', i], {
          code: 'apart-one-person',
          zh: `“${apart.of[i]}”与“${apart.of[other]}”都由只有一人的“${role}”负责，无法分开`,
          en: `'${apart.of[i]}' and '${apart.of[other]}' are both owed by '${role}', which one person holds: they cannot be held apart`,
          expected: 'most: 2',
        });
    });
  }
}

/** Printed tables without gap (or with `else`) and without overlap. */
export function checkTables(ledger: Ledger, definition: Definition): void {
  for (const table of Object.values(definition.tables)) {
    const item = ledger.book.items.tables.get(table.id);
    if (!item || table.rows.length === 0) continue;
    const reader = Reader.of(ledger, item);
    const { gaps, overlaps, unreachable, complete } = proveTable(table, definition);
    const [gap] = gaps;
    if (gap && table.else === null && complete)
      reader.tell(
        ['rows'],
        {
          code: 'table-gap',
          zh: `表“${table.id}”没有（${gap.join('，')}）这一档，请补行或写“else”`,
          en: `table '${table.id}' has no row for (${gap.join(', ')}): add one or write 'else'`,
          expected: 'else: refuse | person | value',
        },
        'key',
      );
    for (const { rows, at } of overlaps)
      reader.tell(['rows', rows[1]], {
        code: 'table-overlap',
        zh: `第${rows[1] + 1}行与第${rows[0] + 1}行在（${at.join('，')}）重叠`,
        en: `row ${rows[1] + 1} overlaps row ${rows[0] + 1} at (${at.join(', ')})`,
        expected: 'hit: first',
      });
    for (const row of unreachable)
      reader.tell(['rows', row], {
        code: 'table-overlap',
        zh: `第${row + 1}行永远不会命中`,
        en: `row ${row + 1} can never be hit`,
        expected: '放到更前 / move it up',
      });
  }
}

/** Parameters used nowhere, and names that a `map` gives but its part never asks for. */
export function checkUnused(ledger: Ledger, definition: Definition): void {
  for (const id of Object.keys(definition.parameters)) {
    const item = ledger.book.items.parameters.get(id);
    if (item && !ledger.used.has(`parameters:${id}`))
      Reader.of(ledger, item).warn(
        [],
        { code: 'parameter-unused', zh: `参数“${id}”没有用处`, en: `parameter '${id}' is used nowhere` },
        'key',
      );
  }
  for (const part of ledger.book.parts) {
    const known = [...part.lookedUp];
    for (const name of part.alias.keys())
      if (!part.lookedUp.has(name) && part.usedAt)
        ledger.problems.push(
          part.usedAt.source.problem(
            [...part.usedAt.path, 'map', name],
            {
              code: 'map-unknown',
              zh: `通用件“${part.part}”没有用到“${name}”`,
              en: `part '${part.part}' does not ask for '${name}'`,
              expected: known.join(', '),
              guess: guessWord(name, known),
            },
            'key',
          ),
        );
  }
}
