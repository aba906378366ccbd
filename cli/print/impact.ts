import { z } from 'zod';
import { head, say, type Language } from '../texts.js';
import { table } from './table.js';

/** Deadlines and milestones that a change of the setting moves. */
export const impact = z.object({
  changed: z.boolean(),
  deadlines: z.array(
    z.object({ obligation: z.string(), title: z.string(), unitName: z.string(), from: z.string().nullable(), to: z.string().nullable() }),
  ),
  milestones: z.array(
    z.object({
      milestone: z.string(),
      title: z.string(),
      unitName: z.string(),
      from: z.string().nullable(),
      to: z.string(),
      judgedFrom: z.string().nullable(),
      judgedTo: z.string().nullable(),
    }),
  ),
});
export type Impact = z.infer<typeof impact>;

/** What was changed, or in a dry run would be, and each date that moves. */
export function impactText({ changed, deadlines, milestones }: Impact, campaign: string, dryRun: boolean, language: Language): string {
  const told = !changed
    ? { zh: '与现有的相同，没有改动。', en: 'Nothing differs from what it runs with.' }
    : dryRun
      ? { zh: '（试运行，未改动）将有改动。', en: '(dry run, nothing changed) it would change.' }
      : { zh: '✓ 已改动。', en: 'changed.' };
  const lines = [`${say(told, language)}\n`];
  if (changed && deadlines.length + milestones.length === 0)
    lines.push(`${say({ zh: '没有期限或考核节点因此变动。', en: 'No deadline and no milestone moves.' }, language)}\n`);
  if (deadlines.length > 0)
    lines.push(
      `\n${say({ zh: '变动的期限：', en: 'deadlines that move:' }, language)}\n`,
      table(
        [
          { head: head('单位', 'unit', language), cell: (row) => row.unitName },
          { head: head('事项', 'title', language), cell: (row) => row.title, most: 44 },
          { head: head('原期限', 'from', language), cell: (row) => row.from ?? '—' },
          { head: head('新期限', 'to', language), cell: (row) => row.to ?? '—' },
          { head: head('编号', 'id', language), cell: (row) => `${campaign}:${row.obligation}` },
        ],
        deadlines,
      ),
    );
  if (milestones.length > 0)
    lines.push(
      `\n${say({ zh: '变动的考核节点：', en: 'milestones that move:' }, language)}\n`,
      table(
        [
          { head: head('单位', 'unit', language), cell: (row) => row.unitName },
          { head: head('考核节点', 'milestone', language), cell: (row) => row.title, most: 44 },
          { head: head('原日期', 'from', language), cell: (row) => row.from ?? '—' },
          { head: head('新日期', 'to', language), cell: (row) => row.to },
          { head: head('原定格日', 'judged', language), cell: (row) => row.judgedFrom ?? '—' },
          { head: head('新定格日', 'will be judged', language), cell: (row) => row.judgedTo ?? '—' },
        ],
        milestones,
      ),
    );
  return lines.join('');
}
