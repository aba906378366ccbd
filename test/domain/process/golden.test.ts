import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import type { Effect } from '../../../domain/model/effect.js';
import type { ObligationId } from '../../../domain/model/ids.js';
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
    case 'opening':
      return `opening ${effect.opening.id} ${effect.opening.type} ${effect.opening.event}`;
    case 'free':
      return `free ${effect.deduction} ${effect.due} ${effect.afterRound} ${effect.extra}`;
    case 'deposit':
      return `deposit ${effect.due} ${effect.amount} ${effect.on}`;
    case 'rows':
      return `rows ${effect.kind} ${effect.births.map(({ duty, period }) => `${duty}@${period}`).join(' ')}`;
    default: {
      const never: never = effect;
      return never;
    }
  }
}

/** Writes down what each step of a script made happen. */
function scribe(run: Campaign): { mark: (title: string) => void; text: () => string } {
  const lines: string[] = [];
  return {
    mark: (title) => void lines.push(`== ${title}`, ...run.effects.splice(0).map(lineOf), `wake ${run.wakeAt}`),
    text: () => `${lines.join('\n')}\n`,
  };
}

function compare(name: string, now: string): void {
  const file = join(folder, name);
  if (process.env['DUBAN_GOLDEN'] === 'write' || !existsSync(file)) writeFileSync(file, now);
  expect(now).toBe(readFileSync(file, 'utf8'));
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
  const { mark, text } = scribe(run);
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
  return text();
}

/** Clocks that stop and go on, phases that are amended before and after their end, days that are extended. */
function amendedTrace(setting: Setting): string {
  const run = new Campaign(setting, () => ({ ['v1' as never]: { paid: 12 }, ['v2' as never]: { paid: 9 } }));
  const { mark, text } = scribe(run);
  const office = actor('p1', ['office', 'c']);
  const phase = (to: string) => ({ kind: 'amendPhase', phase: 'collection', from: null, to: day(to), reason: '县里决定' }) as const;
  const plan = 'plan/c' as ObligationId;
  run.launch('2020-05-01');
  run.until('2020-05-17');
  mark('to 05-17: the plan is late');
  run.act(office, { kind: 'suspend', obligation: plan, reason: '等上级文件' });
  run.act(office, { kind: 'suspend', obligation: 'task/v1' as ObligationId, reason: '汛期' });
  run.act(office, phase('2020-05-25'));
  mark('two clocks stand still, collection is shortened');
  run.until('2020-05-27');
  run.act(office, { kind: 'unsuspend', obligation: plan });
  run.act(office, { kind: 'unsuspend', obligation: 'task/v1' as ObligationId });
  mark('both go on');
  run.act(office, phase('2020-06-10'));
  mark('collection is lengthened after its end');
  run.until('2020-06-01');
  run.act(office, { kind: 'pause', reason: '汛期' });
  run.until('2020-06-05');
  run.act(office, { kind: 'resume' });
  mark('a pause of four days');
  run.act(office, { kind: 'amendParameter', parameter: 'tourEvery', unit: null, value: '4d', reason: '加密' });
  run.act(office, { kind: 'extend', obligation: 'task/v2' as ObligationId, due: day('2020-06-20'), reason: '集中征缴延长' });
  mark('shorter turns; one village extended');
  run.until('2020-06-25');
  mark('to 06-25');
  return text();
}

describe('golden traces', () => {
  test('Lingcheng 2020, two villages', () => {
    const definition = definitionOf('lingcheng-2020.yaml');
    const setting = settingOf(
      definition,
      [unit('u1', 'city', null), unit('u2', 'town', 'u1'), unit('u3', 'area', 'u2'), unit('u4', 'unit', 'u3'), unit('u5', 'unit', 'u2')],
      LINGCHENG_2020,
    );
    compare('lingcheng-2020.txt', trace(setting));
  });

  test('a small campaign with everything amended', () => {
    const definition = definitionOf('supervised.yaml', join(dirname(fileURLToPath(import.meta.url)), '../../definitions'));
    const setting = settingOf(definition, [unit('c', 'county', null), unit('v1', 'village', 'c'), unit('v2', 'village', 'c')]);
    compare('supervised-2020.txt', amendedTrace(setting));
  });
});
