/**
 * `node scripts/coverage.mjs`: how many worked cases and rows of the requirements are tested or carried, and what the others wait for, from
 * docs/coverage. Whether the lists are true is checked by test/coverage.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'coverage');
const read = (name) => parse(readFileSync(join(folder, name), 'utf8'), { uniqueKeys: true });
const line = (...cells) => console.log(cells.map((cell, i) => (i === 0 ? String(cell).padEnd(46) : String(cell).padStart(8))).join(''));

const { groups, cases } = read('cases.yaml');
line('worked cases', 'all', 'tested', 'part 2', 'part 3', 'not');
const count = (ids, test) => ids.filter((id) => test(cases[id])).length;
const row = (title, ids) =>
  line(
    title,
    ids.length,
    count(ids, ({ tested }) => tested !== undefined),
    ...['part 2', 'part 3'].map((part) => count(ids, ({ tested, later }) => tested === undefined && later?.startsWith(part))),
    count(ids, ({ why }) => why !== undefined),
  );
for (const [group, { title }] of Object.entries(groups))
  row(
    `${group} ${title}`,
    Object.keys(cases).filter((id) => id[2] === group),
  );
row('all', Object.keys(cases));

const { notices, rows } = read('requirements.yaml');
console.log();
line('requirements', 'rows', 'carried', 'tested', 'in part', 'later');
for (const [seed, { definition }] of Object.entries(notices)) {
  const own = Object.entries(rows)
    .filter(([id]) => id.startsWith(`${seed}-`))
    .map(([, at]) => at);
  const carried = own.filter(({ elements }) => elements !== undefined);
  line(
    `${seed} ${definition}`,
    own.length,
    carried.length,
    own.filter(({ tested }) => tested !== undefined).length,
    carried.filter(({ later }) => later !== undefined).length,
    own.filter(({ elements, later }) => elements === undefined && later !== undefined).length,
  );
}
