import { describe, expect, test } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import readXlsxFile from 'read-excel-file/node';
import { dailyText, type Daily } from '../../activities/reports/daily.js';
import type { Bulletin } from '../../store/reports/model.js';
import { csvOf } from '../../activities/reports/render/csv.js';
import { pictureOf, pictureSvg } from '../../activities/reports/render/picture.js';
import { bulletinSheet, progressSheet } from '../../activities/reports/render/sheet.js';
import { xlsxOf } from '../../activities/reports/render/xlsx.js';
import { parseMoment } from '../../domain/calendar/dates.js';
import { sampleProgress, twoKinds } from './sample.js';

const arrived = { payments: 312, amount: 312 * 30000, kinds: [{ insurance: 'pension', payments: 312, amount: 312 * 30000 }] };
const daily = (): Daily => {
  const progress = sampleProgress();
  return {
    campaign: 'c1',
    title: progress.title,
    cutOff: progress.cutOff,
    arrivedToday: arrived,
    late: 2,
    open: 9,
    text: dailyText(progress, arrived, 2),
    progress,
  };
};

describe('the daily line', () => {
  test('says the figures, the next goal with what is missing, and what is late', () => {
    expect(daily().text.zh).toBe(
      '【甲镇征缴】截至 2020-05-25 18:00：人数完成率 24,272/25,284（96.00%）；金额完成率 7,281,600.00/7,585,200.00元（96.00%）；今日到账 312 笔、93,600.00 元；5月30日前达96% 2020-05-30 还有 5 天，距 96% 还差 1；逾期未办 2 件。',
    );
  });

  test('names each kind with its own figure', () => {
    const text = dailyText(twoKinds(), { payments: 0, amount: 0, kinds: [] }, 0);
    expect(text.zh).toContain('养老保险缴费率 10/20（50.00%）；医疗保险缴费率 12/20（60.00%）；今日到账 0 笔');
    expect(text.en).toContain('pension paidRate 10/20 (50.00%); medical paidRate 12/20 (60.00%)');
  });

  test('a day without money names no yuan', () => {
    expect(dailyText(sampleProgress(), { payments: 0, amount: 0, kinds: [] }, 0).zh).toContain('今日到账 0 笔；');
  });
});

describe('files', () => {
  test('CSV reads back with a BOM, whole counts, exact yuan and the meaning of each figure', () => {
    const bytes = csvOf(progressSheet(sampleProgress()));
    expect(bytes.subarray(0, 3).toString('hex')).toBe('efbbbf');
    const rows: string[][] = parse(bytes, { bom: true, relax_column_count: true });
    expect(rows).toContainEqual(['单位', '上级', '已缴人数', '任务·人数', '人数完成率', '已缴金额（元）', '任务·金额（元）', '金额完成率']);
    expect(rows).toContainEqual(['甲镇', '', '24272', '25284', '96.00%', '7281600.00', '7585200.00', '96.00%']);
    expect(rows).toContainEqual(['人数完成率＝已缴人数 ÷ 任务·人数；依据 S4-06、A-05']);
  });

  test('each kind has its own columns, each line of a bulletin its kind', () => {
    const progress = twoKinds();
    expect(progressSheet(progress).columns.slice(2)).toEqual(
      ['养老保险', '医疗保险'].flatMap((kind) => [`已缴人数（${kind}）`, `清册人数（${kind}）`, `缴费率（${kind}）`]),
    );
    expect(progressSheet(progress).rows[1]).toEqual(['东村', '甲镇', 8, 10, '80.00%', 3, 10, '30.00%']);
  });

  test('a name that looks like a formula stays text', () => {
    const sheet = { name: 's', above: [], columns: ['单位'], rows: [['=cmd|calc'], ['-1村']], below: [] };
    expect(csvOf(sheet).toString('utf8')).toBe("\ufeff单位\r\n'=cmd|calc\r\n'-1村\r\n");
  });

  test('XLSX reads back: counts are numbers, rates and yuan are text', async () => {
    const rows = await readXlsxFile(await xlsxOf(progressSheet(sampleProgress())));
    const flat = rows.flatMap((sheet) => ('data' in sheet ? sheet.data : [sheet]));
    expect(flat.find((row) => row[0] === '东村')).toEqual(['东村', '甲镇', 272, 284, '95.77%', '81600.00', '85200.00', '95.77%']);
  });

  test('a bulletin prints rank, flags and the heads of the audit chains', () => {
    const progress = sampleProgress();
    const bulletin: Bulletin = {
      ...progress,
      report: 'bulletin',
      issue: null,
      reportTitle: '进度通报',
      clause: [],
      columns: [{ id: 'paidRate', title: '人数完成率' }],
      rows: progress.units.slice(1).flatMap((unit, at) => {
        const [figure] = unit.figures;
        return figure === undefined
          ? []
          : [
              {
                unit: unit.unit,
                name: unit.name,
                insurance: null,
                rank: at + 1,
                cells: [{ kind: 'figure' as const, show: 'paidRate', figure }],
                flags: ['2020-05-28 宣传（逾期3天）'],
              },
            ];
      }),
      total: null,
      chainHeads: [{ chain: 'c1', seq: 17, at: parseMoment('2020-05-25T18:00:00'), hash: 'ab'.repeat(32) }],
    };
    const sheet = bulletinSheet(bulletin);
    expect(sheet.rows[0]).toEqual([1, '东村', '95.77%', '2020-05-28 宣传（逾期3天）']);
    expect(sheet.below).toContain(`审计链 c1 第 17 条：${'ab'.repeat(32)}`);
  });
});

describe('the picture', () => {
  test('names are escaped, every unit has its bar', () => {
    const svg = pictureSvg(daily());
    expect(svg).toContain('西&#60;村&#62;&#38;');
    expect(svg.match(/rx="3" fill="#(15803d|b45309|b91c1c)"/g)).toHaveLength(3);
  });

  test('two insurance kinds are two lists, each in its own order, and two bars of the town', () => {
    const svg = pictureSvg({ ...daily(), progress: twoKinds() });
    const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map((found) => found[1] ?? '');
    expect(texts.filter((text) => /村|保险/.test(text))).toEqual([
      '甲镇 养老保险', '甲镇 医疗保险',
      '养老保险', '东村', '西&#60;村&#62;&#38;',
      '医疗保险', '西&#60;村&#62;&#38;', '东村',
    ]); // prettier-ignore
    expect(texts).toEqual(expect.arrayContaining(['50.00%　10 / 20', '60.00%　12 / 20', '90.00%　9 / 10']));
  });

  test('Chinese is drawn without any font of the system: another name gives another picture', () => {
    const one = pictureOf(daily());
    expect(one.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a');
    expect(one.readUInt32BE(16)).toBe(900);
    const base = daily();
    const renamed = (name: string): Daily => ({
      ...base,
      progress: { ...base.progress, units: base.progress.units.map((unit) => (unit.name === '东村' ? { ...unit, name } : unit)) },
    });
    expect(pictureOf(renamed('南村')).equals(one)).toBe(false);
    expect(pictureOf(renamed('东村')).equals(one)).toBe(true);
    expect(pictureOf(renamed('疃村')).equals(pictureOf(renamed('瞳村')))).toBe(false);
  });
});
