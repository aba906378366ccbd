import { stringify } from 'csv-stringify/sync';
import type { Payer } from './payers.js';
import type { Scenario } from './scenario.js';
import type { Holder, Where } from './shapes.js';

/** A file as an office would send it, in memory. */
export interface SentFile {
  readonly name: string;
  readonly text: string;
}

export const csv = (name: string, columns: readonly string[], rows: readonly (readonly (string | number)[])[]): SentFile => ({
  name,
  text: stringify([columns, ...rows], { record_delimiter: 'windows', bom: true }),
});

/** Everybody who has to pay. */
export function rosterFile(scenario: Scenario, payers: readonly Payer[]): SentFile {
  return csv(
    'roster.csv',
    ['身份证号码', '姓名', '村名', '险种', '年度', '缴费档次', '应缴金额'],
    payers.map((payer) => [payer.idNumber, payer.name, payer.village, scenario.payments.insurance, scenario.year, payer.yuan, payer.yuan]),
  );
}

/** What arrived on one day. The serial number is the payer's own, so the same payment is the same whatever file it stands in. */
export function paymentsFile(scenario: Scenario, on: string, payers: readonly Payer[]): SentFile {
  const { insurance, channel, means } = scenario.payments;
  return csv(
    `payments-${on}.csv`,
    ['身份证号码', '姓名', '村名', '险种', '年度', '缴费金额', '缴费日期', '流水号', '渠道', '缴费方式'],
    payers.map((payer) => [
      payer.idNumber,
      payer.name,
      payer.village,
      insurance,
      scenario.year,
      payer.yuan,
      on,
      `D${payer.idNumber}`,
      channel,
      means,
    ]),
  );
}

/** Names of the units of a place, in the order of the scenario. */
export function unitsAt(scenario: Scenario, where: Where): readonly string[] {
  switch (where) {
    case 'top':
      return [scenario.top.name];
    case 'root':
      return [scenario.root.name];
    case 'areas':
      return scenario.areas.names;
    case 'villages':
      return scenario.rows.map(({ name }) => name);
    case 'branches':
      return scenario.branches?.names ?? [];
    default: {
      const never: never = where;
      return never;
    }
  }
}

/** Who holds which role where. One of `users` holds it at all its units; of `holders` there is one person for each unit, numbered. */
export function peopleFile(scenario: Scenario): SentFile {
  const rows = (holder: Holder, one: boolean): (readonly string[])[] =>
    unitsAt(scenario, holder.at).flatMap((unit, index) =>
      holder.roles.map((role) => [
        one ? holder.login : `${holder.login}-${index + 1}`,
        one ? holder.name : `${holder.name}${index + 1}`,
        role,
        unit,
      ]),
    );
  return csv(
    'people.csv',
    ['登录名', '姓名', '岗位', '单位'],
    [...scenario.users.flatMap((holder) => rows(holder, true)), ...scenario.holders.flatMap((holder) => rows(holder, false))],
  );
}

/** Areas with the villages of each: the printed table cut into equal runs, because it does not say which area a village belongs to. */
export function areasOf(scenario: Scenario): readonly { readonly name: string; readonly villages: readonly string[] }[] {
  const { names } = scenario.areas;
  const size = Math.ceil(scenario.rows.length / names.length);
  return names.map((name, index) => ({ name, villages: scenario.rows.slice(index * size, (index + 1) * size).map((row) => row.name) }));
}
