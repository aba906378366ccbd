import { expect, test } from '@jest/globals';
import { layoutOf } from '../../domain/formats/layout.js';
import type { Reason } from '../../rehearsal/bank/bank.js';
import { codesOf } from '../../rehearsal/bank/codes.js';
import { settingOf } from '../support/definitions.js';
import { shuchengSetting } from '../support/shucheng.js';

/** The codes that the bank of Shucheng writes, when its own table has these outcomes. */
function written(...outcomes: readonly string[]): (reason: Reason) => string | null {
  const { definition } = shuchengSetting();
  const bankCodes = outcomes.map((outcome, i) => ({ code: `E0${i}`, outcome }));
  return codesOf(layoutOf(settingOf(definition, 2018, {}, { bankCodes }), 'bankReturn'));
}

test('a bank with a code for it says that the holder has died; one without says the next best that it can', () => {
  expect(written('arrived', 'account', 'deceased')('deceased')).toBe('E02');
  expect(written('arrived', 'account')('deceased')).toBe('E01');
  expect(written('arrived', 'bare')('deceased')).toBe('E01');
  expect(written('arrived')('deceased')).toBeNull();
});

test('what it does not know has a code that its table does not list', () => {
  expect(written('arrived', 'short')('unsure')).toBe('9999');
});
