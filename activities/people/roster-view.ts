import { maskAccountNumber } from '../../domain/people/bank-account.js';
import { maskName } from '../../domain/people/names.js';
import { maskResidentId } from '../../domain/people/resident-id.js';
import { fen, formatYuan } from '../../domain/money/fen.js';
import type { Definition } from '../../domain/model/definition.js';
import type { RosterLine } from '../../store/lists/roster.js';
import type { PersonalDataKey } from '../../store/people/personal-data-key.js';
import type { Sheet } from '../reports/render/sheet.js';

/** A line of the levy roster as it is shown. Money in fen; null = not known. */
export interface RosterShown extends Omit<RosterLine, 'idNumber' | 'account'> {
  readonly idNumber: string | null;
  readonly account: string | null;
}

/** Opens what is sealed in a line; masked: first character of names, area and last two of the ID number, last four of the account. */
export function showLine(line: RosterLine, key: Pick<PersonalDataKey, 'decrypt'>, masked: boolean): RosterShown {
  const open = (sealed: Buffer | null, mask: (text: string) => string): string | null => {
    if (sealed === null) return null;
    const text = key.decrypt(sealed);
    return masked ? mask(text) : text;
  };
  return {
    ...line,
    name: masked ? maskName(line.name) : line.name,
    holder: masked && line.holder !== null ? maskName(line.holder) : line.holder,
    idNumber: open(line.idNumber, maskResidentId),
    account: open(line.account, maskAccountNumber),
  };
}

const yuan = (amount: number): string => formatYuan(fen(amount));

/** The levy roster as a table for a file: one line for each due. */
export function rosterSheet(
  definition: Definition,
  head: { readonly title: string; readonly day: string; readonly masked: boolean },
  lines: readonly RosterShown[],
): Sheet {
  const groupTitle = (id: string): string => definition.groups[id]?.title ?? id;
  return {
    name: '征缴名册',
    above: [`${head.title} 征缴名册`, `${head.day}${head.masked ? '（个人信息已遮掩）' : ''}`],
    columns: [
      '村居',
      '姓名',
      '身份证号码',
      '险种',
      '年度',
      '档次（元）',
      '应缴（元）',
      '政府代缴（元）',
      '特殊身份',
      '银行',
      '账号',
      '户名',
      '预存（元）',
      '已到账（元）',
      '到账日期',
    ],
    rows: lines.map((line) => [
      line.unitName,
      line.name,
      line.idNumber ?? '',
      line.insurance,
      line.year,
      line.tier === null ? '' : yuan(line.tier),
      yuan(line.amount),
      yuan(line.governmentPaid),
      line.groups.map((group) => `${groupTitle(group)}${line.lateGroups.includes(group) ? '（逾期录入）' : ''}`).join('、'),
      line.bank ?? '',
      line.account ?? '',
      line.holder ?? '',
      yuan(line.deposited),
      yuan(line.arrived),
      line.arrivedOn ?? '',
    ]),
    below: [`共 ${lines.length} 人次，应缴合计 ${yuan(lines.reduce((sum, { amount }) => sum + amount, 0))} 元`],
  };
}
