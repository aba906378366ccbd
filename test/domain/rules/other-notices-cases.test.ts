import { describe, expect, test } from '@jest/globals';
import { parseDate } from '../../../domain/calendar/dates.js';
import type { Definition, Rule } from '../../../domain/model/definition.js';
import { checkRules } from '../../../domain/rules/check-rules.js';
import type { Row } from '../../../domain/rules/values.js';
import { committedDefinition, settingOf } from '../../support/definitions.js';

/** Rules and figures of other notices laid over a committed definition: only what these cases ask is replaced. */
const base = committedDefinition('lingcheng-2020');
const rule = (id: string, guards: string, deny: string | null, mark: string | null, clause: string): Rule => ({
  id,
  title: id,
  clause: [clause],
  readings: [],
  guards,
  deny,
  mark,
});
const settingWith = (own: Partial<Definition>, year: number, parameters = {}) =>
  settingOf({ ...base, amounts: {}, counts: {}, measures: {}, rules: {}, ...own }, year, parameters);
const today = parseDate('2019-11-01');

describe('who may join (three-year campaign of 2019)', () => {
  const deny = 'row.insurance == "pension" && (row.age < 16 || row.student || row.inOtherScheme || !row.householdHere)';
  const setting = settingWith({ rules: { pensionScope: rule('pensionScope', 'enrol', deny, null, 'S3-16') } }, 2019);
  test.each([
    ['C-E01', { age: 15 }, false],
    ['C-E02', { age: 16 }, true],
    ['C-E03', { age: 16, student: true }, false],
    ['C-E04', { age: 30, inOtherScheme: true }, false],
    ['C-E05', { age: 45 }, true],
  ] as const)('%s', (_, person, eligible) => {
    const row: Row = { insurance: 'pension', student: false, inOtherScheme: false, householdHere: true, ...person };
    expect(checkRules('enrol', { setting, unit: null, today, row }).denied.map(({ rule: id, clause }) => [id, ...clause])).toEqual(
      eligible ? [] : [['pensionScope', 'S3-16']],
    );
  });
});

describe('newborns within six months', () => {
  const setting = settingWith(
    {
      rules: {
        sixMonths: rule('sixMonths', 'enrol', 'row.insurance == "medical" && row.age < 1 && today > addMonths(row.born, 6)', null, 'S3-22'),
        parentInsured: rule(
          'parentInsured',
          'enrol',
          'row.insurance == "medical" && row.age < 1 && row.parentsInsured == 0',
          null,
          'S3-22',
        ),
      },
    },
    2019,
  );
  test.each([
    ['C-H17', '2019-05-31', '2019-11-30', 1, []],
    ['C-H18', '2019-05-31', '2019-12-01', 1, ['sixMonths']],
    ['C-H19', '2019-08-31', '2020-02-29', 1, []],
    ['C-H20', '2019-08-31', '2020-03-01', 1, ['sixMonths']],
    ['C-H21', '2019-10-01', '2019-11-01', 0, ['parentInsured']],
    ['C-H22', '2019-10-01', '2019-11-01', 2, []],
  ] as const)('%s born %s, enrolling %s, %i parents insured', (_, born, day, parentsInsured, expected) => {
    const row: Row = { insurance: 'medical', age: 0, born, parentsInsured };
    expect(checkRules('enrol', { setting, unit: null, today: parseDate(day), row }).denied.map(({ rule: id }) => id)).toEqual(expected);
  });
});
