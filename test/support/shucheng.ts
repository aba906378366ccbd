import type { Value } from '../../domain/model/definition.js';
import type { Setting, Unit } from '../../domain/model/setting.js';
import { actor, definitionOf, settingOf, unit } from './campaign.js';

/** An invented county: two townships, two villages each, a bank branch. */
export const SHUCHENG_UNITS: readonly Unit[] = [
  unit('u1', 'county', null),
  unit('u2', 'township', 'u1'),
  unit('u3', 'township', 'u1'),
  unit('v1', 'village', 'u2'),
  unit('v2', 'village', 'u2'),
  unit('v3', 'village', 'u3'),
  unit('v4', 'village', 'u3'),
  unit('b1', 'branch', 'u2'),
];

/** What Shucheng's notice leaves to the county. Money in fen. */
export const SHUCHENG_2018: Readonly<Record<string, Value>> = {
  remindBefore: '3d',
  headAfter: '3d',
  bulletinAfter: '5d',
  orderAfter: '7d',
  receiveWithin: '2d',
  replyWithin: '3d',
  publicityEnd: '2018-02-28',
  meetingBy: '2018-01-20',
  planBefore: '30d',
  cancelDay: 5,
  bulletinDays: '5d',
  certifyBefore: '10d',
  stragglerEvery: '1m',
  checkEvery: '1m',
  runEvery: '10d',
  returnWithin: '2d',
  listWithin: '2d',
  urgeWithin: '5d',
  causeWithin: '7d',
  cureWithin: '7d',
  margin: 1_000,
};

export const shuchengSetting = (): Setting => settingOf(definitionOf('shucheng-2018.yaml'), SHUCHENG_UNITS, SHUCHENG_2018);

/** Those who deduct, urge and find causes. */
export const BANK = actor('bank', ['bank', 'u1']);
export const CENTRE = actor('centre', ['pensionCentre', 'u1']);
export const TOWNSHIP = actor('hr-u2', ['townshipHr', 'u2']);
export const OTHER_TOWNSHIP = actor('hr-u3', ['townshipHr', 'u3']);
export const BRANCH = actor('branch-u2', ['townshipBranch', 'u2']);
