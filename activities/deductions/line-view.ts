import { OWED_BACK_WORDS, STANDING_WORDS } from '../../domain/deduction/words.js';
import type { Deduction } from '../../domain/model/deduction.js';
import { parameterValue } from '../../domain/model/parameters.js';
import type { Setting } from '../../domain/model/setting.js';
import { fen, formatYuan } from '../../domain/money/fen.js';
import { maskName } from '../../domain/people/names.js';
import { maskResidentId } from '../../domain/people/resident-id.js';
import type { OpenLine } from '../../store/lists/deductions.js';
import type { PersonalDataKey } from '../../store/people/personal-data-key.js';
import type { Sheet } from '../reports/render/sheet.js';

/** A line that is not taken, as it is shown. Money in fen. */
export interface LineShown extends Omit<OpenLine, 'idNumber'> {
  readonly idNumber: string | null;
  /** How much more than is owed to keep on the account, as the definition advises; 0 = it advises nothing. */
  readonly margin: number;
  /** What is still to be deposited, the margin included; 0 when the money has come otherwise, or the bank has it. */
  readonly toDeposit: number;
  /** How the outcome is called. */
  readonly outcomeTitle: string | null;
}

/** Opens what is sealed in a line; masked: first character of the name, area and last two of the ID number. */
export function showOpenLine(
  line: OpenLine,
  {
    setting,
    deduction,
    key,
    masked,
  }: { readonly setting: Setting; readonly deduction: Deduction; readonly key: Pick<PersonalDataKey, 'decrypt'>; readonly masked: boolean },
): LineShown {
  const advised = deduction.margin === null ? null : parameterValue(setting, deduction.margin, line.unit);
  const margin = typeof advised === 'number' ? advised : 0;
  const idNumber = line.idNumber === null ? null : key.decrypt(line.idNumber);
  return {
    ...line,
    name: masked ? maskName(line.name) : line.name,
    idNumber: idNumber !== null && masked ? maskResidentId(idNumber) : idNumber,
    margin,
    outcomeTitle: line.outcome === null ? null : (deduction.outcomes[line.outcome]?.title ?? line.outcome),
    toDeposit: line.owedBack || line.arrived >= line.amount ? 0 : Math.max(0, line.amount + margin - line.deposited),
  };
}

const yuan = (amount: number): string => formatYuan(fen(amount));

/** Persons who were not taken as a table for a file: whom a township urges, and to deposit how much. */
export function linesSheet(
  head: {
    readonly title: string;
    readonly deduction: string;
    readonly round: number | null;
    readonly day: string;
    readonly masked: boolean;
  },
  lines: readonly LineShown[],
): Sheet {
  return {
    name: '未扣成名单',
    above: [
      `${head.title} ${head.deduction}${head.round === null ? '' : `第${head.round}轮`}未扣成人员名单`,
      `${head.day}${head.masked ? '（个人信息已遮掩）' : ''}`,
    ],
    columns: [
      '村居',
      '姓名',
      '身份证号码',
      '轮次',
      '次数',
      '代扣金额（元）',
      '已报预存（元）',
      '建议多存（元）',
      '尚应存入（元）',
      '情况',
      '结果',
      '返回码',
      '应缴编号',
    ],
    rows: lines.map((line) => [
      line.unitName,
      line.name,
      line.idNumber ?? '',
      line.round,
      line.attempt,
      yuan(line.amount),
      yuan(line.deposited),
      yuan(line.margin),
      yuan(line.toDeposit),
      line.owedBack ? OWED_BACK_WORDS[0] : STANDING_WORDS[line.standing][0],
      line.outcomeTitle ?? '',
      line.code ?? '',
      line.due,
    ]),
    below: [`共 ${lines.length} 人次，尚应存入合计 ${yuan(lines.reduce((sum, { toDeposit }) => sum + toDeposit, 0))} 元`],
  };
}
