import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { RETURN_PROBLEMS, tellReturnProblem } from '../../domain/deduction/problems.js';
import { FORMAT_PROBLEMS } from '../../domain/formats/problem.js';
import { bar, bars } from '../../cli/print/bars.js';
import { clean } from '../../cli/print/clean.js';
import { deductionText, problemLines, resultText } from '../../cli/print/deductions.js';
import { codedWord } from '../../cli/print/problem-words.js';
import { table } from '../../cli/print/table.js';
import { cut, pad, widthOf } from '../../cli/print/width.js';
import { amount, progressText } from '../../cli/print/reports.js';

const texts = fc
  .array(fc.constantFrom('a', '玄', '帝', '庙', '%', '０', '，', '𠀀', 'é'), { maxLength: 30 })
  .map((parts) => parts.join(''));

describe('widths of the terminal', () => {
  test('a Chinese character takes two cells, also one beyond the basic plane', () => {
    expect([widthOf('玄帝庙'), widthOf('ab玄'), widthOf('𠀀'), widthOf('e\u0301'), widthOf('（）')]).toEqual([6, 4, 2, 1, 4]);
  });

  test('whatever the text: padded it takes at least the cells, cut it takes at most the cells', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 40 }), (text, cells) => {
        expect(widthOf(pad(text, cells))).toBe(Math.max(cells, widthOf(text)));
        expect(widthOf(cut(text, cells))).toBeLessThanOrEqual(cells);
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

describe('tables', () => {
  test('columns stand under each other in cells, figures to the right', () => {
    const text = table(
      [
        { head: '单位', cell: (row: { name: string; n: number }) => row.name },
        { head: '人数', cell: (row) => row.n, right: true },
      ],
      [
        { name: '玄帝庙', n: 390 },
        { name: 'B', n: 17 },
      ],
    );
    expect(text).toBe('单位    人数\n------  ----\n玄帝庙   390\nB         17\n');
  });

  test('a name cannot move the cursor, forge a line or turn the direction of writing', () => {
    expect(clean('甲\u001b[2J\n乙\u202e丙')).toBe('甲[2J 乙丙');
  });
});

describe('bars', () => {
  test('24,272 of 25,284 at any width is neither full nor empty, all is full, nothing is empty', () => {
    for (const cells of [1, 4, 24]) {
      expect(bar(25283, 25284, cells)).not.toBe('█'.repeat(cells));
      expect(bar(1, 25284, cells)).not.toBe('░'.repeat(cells));
      expect(bar(25284, 25284, cells)).toBe('█'.repeat(cells));
      expect(bar(0, 25284, cells)).toBe('░'.repeat(cells));
      expect(bar(5, 0, cells)).toBe('░'.repeat(cells));
    }
  });

  test('whatever the part: the bar has its cells', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.integer({ min: 1, max: 60 }), (part, whole, cells) => {
        expect([...bar(part, whole, cells)]).toHaveLength(cells);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  test('labels are aligned', () => {
    expect(
      bars(
        [
          { label: '玄帝庙', part: 1, whole: 2, figures: '50%' },
          { label: 'B', part: 2, whole: 2, figures: '100%' },
        ],
        4,
      ),
    ).toBe('玄帝庙  ██░░  50%\nB       ████  100%\n');
  });
});

test('fen print as yuan, counts as they are', () => {
  expect([amount(758520000, true), amount(-5, true), amount(25284, false)]).toEqual(['7,585,200.00', '-0.05', '25,284']);
});

test('progress in the terminal shows the tree, what is short and the points in sight', () => {
  const figure = (part: number, whole: number, shown: string) => [{ measure: 'paidRate', insurance: null, part, whole, shown }];
  const text = progressText(
    {
      title: '甲镇征缴',
      cutOff: { happenedBy: '2020-05-25', recordedBefore: '2020-05-25T18:00:00' },
      insurance: [],
      untold: [],
      measures: [
        {
          id: 'paidRate',
          title: '人数完成率',
          formula: '已缴 ÷ 任务',
          money: false,
          wholeMoney: false,
          perInsurance: false,
          clause: ['S4-06'],
          readings: ['A-05'],
        },
      ],
      phases: [{ title: '集中缴费期', to: '2020-05-25', daysLeft: 0 }],
      goals: [{ title: '96%', unit: 'u1', due: '2020-05-30', daysLeft: 5, result: null, short: 1, measure: 'paidRate', threshold: '96%' }],
      points: [{ title: '得分', unit: 'u1', settled: null, best: 8, worst: 0, decisionNeeded: false }],
      units: [
        { unit: 'u1', name: '甲镇', level: 'town', path: '/u1/', above: null, figures: figure(24272, 25284, '96.00%') },
        { unit: 'u2', name: '东村', level: 'unit', path: '/u1/u2/', above: 'u1', figures: figure(17, 17, '100.00%') },
      ],
    },
    'zh',
  );
  expect(text).toContain('甲镇    ███████████████████████░  96.00%  24,272 / 25,284\n  东村  ████████████████████████  100.00%  17 / 17\n');
  expect(text).toContain('· 甲镇 96%（2020-05-30） 还有 5 天，距 96% 还差 1\n☆ 得分：可得 0 至 8 分\n');
  expect(text).toContain('人数完成率＝已缴 ÷ 任务；S4-06、A-05\n');
});

describe('problems of a return', () => {
  test('stand with line and byte of the file, column, batch line, code and once what to do', () => {
    const given = [
      { line: 5, code: 'amount-differs', params: { found: 4, amount: 20_001, expected: 20_000 } },
      { line: 6, code: 'not-fen', params: { column: 'amount', title: '金额', byte: 31, found: '2OOOO' } },
      { line: null, code: 'wrong-sum', params: { title: '成功金额', column: 'takenSum', place: 'trailer', unit: 'fen', found: '999900', expected: '160000', difference: 839_900 } },
    ]; // prettier-ignore
    const text = problemLines(
      given.map((problem) => ({ ...problem, ...tellReturnProblem(problem) })),
      null,
      'zh',
    );
    expect(text).toMatch(/文件第 5 行 +amount-differs +批次行号 4 的金额为 200.01 元，所送为 200.00 元/);
    expect(text).toMatch(/文件第 6 行 +31 +not-fen +“金额”“2OOOO”不是金额/);
    expect(text).toMatch(/wrong-sum +“成功金额”不符：表尾写 9,999.00 元，实为 1,600.00 元，差 8,399.00 元/);
    expect(text).toContain('→ wrong-sum: 请银行重新出文件\n');
  });

  test('are counted in words without holes, with their code, in both languages', () => {
    for (const code of [...Object.keys(FORMAT_PROBLEMS), ...Object.keys(RETURN_PROBLEMS)])
      for (const language of ['zh', 'en'] as const) expect(codedWord(code, language)).toMatch(new RegExp(`^[^—{…]+ ${code}$`));
  });
});

describe('what came of an order of a deduction', () => {
  const outcomes = { arrived: { title: '扣成', standing: 'success' }, short: { title: '余额不足', standing: 'failed-retryable' } };
  const posted = {
    kind: 'posted' as const,
    batch: 'b1',
    same: false,
    lines: 3,
    verdicts: { post: 2, quarantine: 1 },
    outcomes: { arrived: 1, short: 1 },
    taken: 20_000,
    refunds: 0,
    counters: { sent: 3, succeeded: 2, failed: 1, unknown: 0, pending: 0 },
    notices: { 'unmapped-code': 1 },
  };

  test('is told in the words of the language that is asked for, codes of the definition with their meaning', () => {
    expect(resultText(posted, outcomes, 'zh').split('\n').slice(1)).toEqual([
      '各行：新结果 2，与已知矛盾，搁置 1',
      '结果：扣成（扣款成功） 1，余额不足（失败，下轮再扣） 1',
      '送出 3 = 成功 2 + 失败 1 + 不明 0 + 未回 0',
      '提示：返回码不在代码表 unmapped-code 1',
      '',
    ]);
    expect(resultText(posted, outcomes, 'en')).toContain('lines: new answers 2, contradict what is known, set aside 1\noutcomes: 扣成 (');
  });

  test('names why persons are left out', () => {
    const made = { kind: 'made' as const, round: 2, batches: [], leftOut: { 'not-due': 1, pending: 2 }, unwritable: [] };
    expect(resultText(made, {}, 'zh')).toBe('第 2 轮\n不在本轮：不属于代扣范围 1，上次尚无结果 2\n');
  });
});

describe('orders in the status of a deduction', () => {
  const refused = (id: string, file: string, code: string) => ({
    id,
    kind: 'return',
    status: 'refused',
    at: '2018-04-04',
    batch: null,
    file,
    result: { kind: 'refused' as const, code: 'file-refused', zh: '整个文件未入账', en: 'nothing was posted', counts: { [code]: 2 } },
  });
  const posted = (id: string, batch: string) => ({
    id,
    kind: 'return',
    status: 'done',
    at: '2018-04-05',
    batch,
    file: `HP${batch}_02.txt`,
    result: {
      kind: 'posted' as const,
      batch,
      same: false,
      lines: 1,
      verdicts: {},
      outcomes: {},
      taken: 0,
      refunds: 0,
      notices: {},
      counters: { sent: 1, succeeded: 1, failed: 0, unknown: 0, pending: 0 },
    },
  });
  const shown = (orders: Parameters<typeof deductionText>[0]['orders']): readonly string[] =>
    deductionText({ title: '代扣', stopped: null, batches: [], orders, failing: [] }, 'zh')
      .split('\n')
      .filter((text) => /^w|以前/.test(text));

  test('a refused return says why, the newest alone; how many there were before is told', () => {
    expect(shown([refused('w9', 'HPb7_01.txt', 'wrong-sum'), refused('w10', 'HPb7_01.txt', 'line-twice')])).toEqual([
      'w10 回盘 未受理 HPb7_01.txt：整个文件未入账（批次行号重复，内容相同 line-twice 2）',
      '以前还有 1 份未受理',
    ]);
  });

  test('one that a good file of its batch has followed is no trouble any more; that of another batch, or behind the good one, is', () => {
    expect(shown([refused('w9', 'HPb7_01.txt', 'wrong-sum'), posted('w11', 'b7')])).toEqual([]);
    expect(shown([refused('w9', 'HPb70_01.txt', 'wrong-sum'), posted('w11', 'b7')])).toHaveLength(1);
    expect(shown([refused('w12', 'HPb7_03.txt', 'wrong-sum'), posted('w11', 'b7')])).toHaveLength(1);
  });
});
