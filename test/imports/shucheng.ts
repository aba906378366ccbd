import type { ImportRequest, ImportResult, ImportSender } from '../../activities/imports/index.js';
import type { Moment, RoleId } from '../../domain/model/ids.js';
import { committedDefinition, settingOf, unit } from '../support/definitions.js';
import { givenAt, inventedId, type Given } from './given.js';

/* Shucheng 2018 in a small invented county: two townships, three villages, a branch of the bank in each township. */

const units = [
  unit('u1', 'county', null, { name: '测试县' }),
  unit('u2', 'township', 'u1', { name: '东乡' }),
  unit('u3', 'village', 'u2', { name: '甲村' }),
  unit('u4', 'village', 'u2', { name: '乙村' }),
  unit('u5', 'branch', 'u2', { name: '东乡支行' }),
  unit('u6', 'township', 'u1', { name: '西乡' }),
  unit('u7', 'village', 'u6', { name: '丙村' }),
  unit('u8', 'branch', 'u6', { name: '西乡支行' }),
];
const ABOVE: Readonly<Record<string, string>> = { u3: '/u1/u2/', u4: '/u1/u2/', u5: '/u1/u2/', u7: '/u1/u6/', u8: '/u1/u6/' };
const path = (id: string): string => (id === 'u1' ? '/u1/' : `${ABOVE[id] ?? '/u1/'}${id}/`);
export const EAST = '/u1/u2/';

export const definition = committedDefinition('shucheng-2018');
/** The county's own subsidy table is not printed: these are test values. */
const tiers = [200, 300, 400, 500, 1000].map((tier) => ({ tier: tier * 100, subsidy: 3500 }));
const parameters = { lowestTier: 20000, thirdTier: 40000, countGovernmentPaid: true, publicityEnd: '2018-03-02' };

export interface Shucheng extends Given {
  /** Takes a table of texts in at 09:00 of a day. */
  take(
    kind: ImportRequest['kind'],
    day: string,
    rows: readonly (readonly string[])[],
    sender?: Partial<ImportSender>,
  ): Promise<ImportResult>;
}

/** `more`: other parameters than the printed ones. */
export async function givenShucheng(more: Readonly<Record<string, number>> = {}): Promise<Shucheng> {
  const setting = settingOf(definition, 2018, { ...parameters, ...more }, { tiers }, units);
  const g = await givenAt({ setting, root: 'u1', path, start: '2018-01-01T08:00:00', now: '2018-01-05T09:00:00' as Moment });
  return {
    ...g,
    take: (kind, day, rows, sender = {}) =>
      g.run(kind, `${rows.map((row) => row.join(',')).join('\n')}\n`, {
        now: `${day}T09:00:00` as Moment,
        sender: { paths: null, holds: [], deposits: 'bank', ...sender },
      }),
  };
}

/** A role held for the whole county. */
export const office = (role: RoleId): Partial<ImportSender> => ({ holds: [{ role, path: '/u1/' }] });
/** A township: its own units only, and its reports are a township's. */
export const township = (at: string): Partial<ImportSender> => ({ paths: [at], deposits: 'township' });

/** Person `n`: born 1970, invented. */
export const person = (n: number): string => inventedId(n);
const NAMES = '子丑寅卯辰巳午未申酉戌亥';
export const nameOf = (n: number): string => `测${NAMES[n % NAMES.length] ?? ''}`;

export const ROSTER_HEAD = ['身份证号码', '姓名', '村居', '缴费档次'];
export const onRoster = (n: number, village: string, tier = '200'): readonly string[] => [person(n), nameOf(n), village, tier];
