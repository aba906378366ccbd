import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { Effect } from '../../../domain/model/effect.js';
import type { Setting } from '../../../domain/model/setting.js';
import { LINGCHENG_2020, Campaign, actor, day, definitionOf, settingOf, unit } from '../../support/campaign.js';

/**
 * Golden traces: everything that a scripted year makes the core do, line by line. Replay of a workflow's history does not notice another
 * amount or another timer length; these do. Written anew with DUBAN_GOLDEN=write, and then read in the diff.
 */
const folder = join(dirname(fileURLToPath(import.meta.url)), '../../golden');

function lineOf(effect: Effect): string {
  switch (effect.type) {
    case 'obligation': {
      const { id, status, due, late, dueVersion, fired, nextAt } = effect.obligation;
      return `obligation ${id} ${status} due=${due} v${dueVersion}${late ? ' late' : ''} fired=${fired.join(',')} next=${nextAt}`;
    }
    case 'notice':
      return `notice ${effect.notice.id} ${effect.notice.text} ${effect.notice.to.map(({ role, unit: at }) => `${role}@${at}`).join(' ')} ${JSON.stringify(effect.notice.fields)}`;
    case 'flag':
      return `flag ${effect.report} ${effect.unit} ${effect.about} ${effect.daysLate}`;
    case 'milestone':
      return `milestone ${effect.key} ${effect.milestone.status} ${effect.milestone.result}`;
    case 'publication':
      return `publication ${effect.publication.obligation} ${effect.publication.postedOn} ${effect.publication.earliestDown}`;
    case 'process':
      return `process ${effect.status}`;
    case 'measure':
      return `measure ${effect.key} ${effect.happenedBy} ${effect.recordedBefore} ${effect.needed.join(' ')}`;
    case 'count':
      return `count ${effect.needed.join(' ')}`;
    case 'rows':
      return `rows ${effect.kind} ${effect.births.map(({ duty, period }) => `${duty}@${period}`).join(' ')}`;
    default: {
      const never: never = effect;
      return never;
    }
  }
}

/** The same script over any setting: steps with what each made happen. */
function trace(setting: Setting): string {
  const run = new Campaign(setting, (by) => ({
    ['u4' as never]: {
      paid: by !== null && by <= '2020-05-25' ? 95 : 97,
      paidSum: 2_910_000,
      'villages.payers': 100,
      'villages.amount': 3_000_000,
    },
  }));
  const lines: string[] = [];
  const mark = (title: string): void => {
    lines.push(`== ${title}`, ...run.effects.splice(0).map(lineOf), `wake ${run.wakeAt}`);
  };
  const town = actor('p2', ['townGovernment', 'u2']);
  run.launch('2020-04-28');
  mark('launched 2020-04-28');
  run.until('2020-05-06');
  mark('to 05-06');
  run.done(town, 'assign/u2', { items: ['areas', 'villages', 'households'] });
  run.done(actor('p5', ['collector', 'u4']), 'collectTask/u4', {}, '2020-05-20T10:00:00');
  mark('assigned late, one village done');
  run.done(
    town,
    'material/u2',
    { on: day('2020-05-25'), evidence: [{ paper: 'materialReceipt', fields: { handedInOn: '2020-05-25' }, file: null }] },
    '2020-05-25T16:00:00',
  );
  mark('material on the last day');
  run.facts(
    [{ kind: 'payment.collected', unit: 'u4' as never, insurance: 'pension', on: day('2020-05-26'), amount: 30_000 }],
    '2020-05-26T17:00:00',
  );
  mark('money collected');
  run.until('2020-07-02');
  mark('to 07-02');
  run.done(actor('p6', ['cityAssessor', 'u1']), 'townPoints/u2');
  mark('points confirmed');
  run.act(town, { kind: 'stop', reason: '年度工作结束' }, '2020-12-30T10:00:00');
  mark('stopped');
  return `${lines.join('\n')}\n`;
}

describe('golden traces', () => {
  test('Lingcheng 2020, two villages', () => {
    const definition = definitionOf('lingcheng-2020.yaml');
    const setting = settingOf(
      definition,
      [unit('u1', 'city', null), unit('u2', 'town', 'u1'), unit('u3', 'area', 'u2'), unit('u4', 'unit', 'u3'), unit('u5', 'unit', 'u2')],
      LINGCHENG_2020,
    );
    const file = join(folder, 'lingcheng-2020.txt');
    const now = trace(setting);
    if (process.env['DUBAN_GOLDEN'] === 'write' || !existsSync(file)) writeFileSync(file, now);
    expect(now).toBe(readFileSync(file, 'utf8'));
  });
});
