import { z } from 'zod';
import { linesSheet, showOpenLine, type LineShown } from '../../activities/deductions/line-view.js';
import { STANDINGS } from '../../domain/deduction/classes.js';
import { openLines } from '../../store/lists/deductions.js';
import { lineScope, seeCycle, type CycleSeen } from '../http/deductions.js';
import { attached, bytes, MEDIA, sheetFile, type SheetKind } from '../http/media.js';
import { cutPage, decodeCursor, pageOf, pageQuery } from '../http/paging.js';
import { personsAsked, personScope, placeAsked, recordLook } from '../http/persons.js';
import { Problem } from '../http/problems.js';
import { fen } from '../http/shapes.js';
import { route, type Call, type Route } from '../http/route.js';
import { cycleParams, roundNumber } from './deduction-shapes.js';

const params = z.strictObject(cycleParams);
const filter = z.strictObject({
  ...personsAsked,
  round: roundNumber
    .optional()
    .meta({ description: '不给为到现在仍未扣成的，每人最近一次 Without: who is not taken now, by the last attempt' }),
  standing: z.enum(STANDINGS).optional(),
});
const LOOK =
  '有权查看个人信息的看其单位，提出或复核处理意见的看全县；姓名、身份证号默认遮掩，有权查看个人信息的写明理由才全部显示；每次查看都留痕。Of units where the caller may see persons, all of them for who settles lines; masked unless who may see persons gives a reason; every look is audited.';

const lineSchema = z
  .strictObject({
    batch: z.string(),
    round: z.int(),
    line: z.int(),
    due: z.string(),
    person: z.string(),
    name: z.string(),
    idNumber: z.string().nullable(),
    unit: z.string(),
    unitName: z.string(),
    amount: fen,
    deposited: fen,
    arrived: fen,
    margin: fen.meta({ description: '建议多存 advised beyond what is owed' }),
    toDeposit: fen.meta({ description: '尚应存入，含建议多存 still to be deposited, the margin included' }),
    attempt: z.int(),
    owedBack: z.boolean().meta({ description: '失败后又扣成，尚未退还或转作缴费 taken after a failure, not settled yet' }),
    standing: z.enum(STANDINGS),
    outcome: z.string().nullable(),
    outcomeTitle: z.string().nullable().meta({ description: '结果的名称 how the outcome is called' }),
    code: z.string().nullable(),
  })
  .meta({ id: 'DeductionLine' });

/** Lines that the caller may see, shown as it asked, with an audit record of the look. */
async function look<B>(
  call: Call<z.output<typeof params>, z.output<typeof filter>, B>,
  page: { readonly after: readonly [string, number] | null; readonly limit: number },
): Promise<{ readonly cycle: CycleSeen; readonly lines: readonly LineShown[]; readonly masked: boolean }> {
  const { params: { campaign, deduction }, query, caller, services, trx } = call; // prettier-ignore
  const cycle = await seeCycle(services, caller, campaign, deduction);
  const masked = query.reason === undefined;
  const paths = masked ? await lineScope(services, caller, cycle) : await personScope(services, caller, cycle.seen);
  const below = await placeAsked(trx, services.county, paths, query);
  const found = await openLines(
    trx,
    { county: services.county, process: campaign, deduction, paths },
    { below, round: query.round ?? null, only: query.standing ?? null, after: page.after, limit: page.limit + 1 },
  );
  const shown = found.slice(0, page.limit);
  await recordLook(call, campaign, shown, { list: 'deduction', round: query.round ?? null });
  const { setting, deduction: about } = cycle;
  const how = { setting, deduction: about, key: services.personalData, masked };
  return { cycle, masked, lines: found.map((one) => showOpenLine(one, how)) };
}

const list = route({
  method: 'get',
  path: '/deductions/{campaign}/{deduction}/lines',
  tag: 'deductions',
  title: '未扣成的逐人名单 Persons who were not taken, line by line',
  about: LOOK,
  access: 'signedIn',
  effects: 'transaction',
  params,
  query: filter.extend(pageQuery),
  reply: pageOf(lineSchema).meta({ id: 'DeductionLines' }),
  problems: ['not-permitted'],
  async handle(call) {
    const { query } = call;
    const cursor = decodeCursor(query.cursor, 2);
    const after = cursor === null ? null : ([String(cursor[0]), Number(cursor[1])] as const);
    const { lines } = await look(call, { after, limit: query.limit });
    const page = cutPage(lines, query.limit, (row) => [row.batch, row.line]);
    return { body: { items: page.rows, next: page.next } };
  },
});

const MOST_IN_FILE = 20_000;

const file = (kind: SheetKind): Route =>
  route({
    method: 'get',
    path: `/deductions/{campaign}/{deduction}/lines.${kind}`,
    tag: 'deductions',
    title: `未扣成名单文件 Persons who were not taken as ${kind.toUpperCase()}`,
    about: LOOK,
    access: 'signedIn',
    effects: 'transaction',
    params,
    query: filter,
    reply: bytes,
    media: MEDIA[kind],
    problems: ['not-permitted', 'conflict'],
    async handle(call) {
      const { cycle, lines, masked } = await look(call, { after: null, limit: MOST_IN_FILE });
      if (lines.length > MOST_IN_FILE)
        throw new Problem('conflict', {
          zh: `超过 ${MOST_IN_FILE} 行，请按轮次、乡镇或村导出`,
          en: `More than ${MOST_IN_FILE} lines: ask for a round, township or village`,
        });
      const { seen, deduction } = cycle;
      const about = { title: seen.row.title, deduction: deduction.title, round: call.query.round ?? null, day: seen.day, masked };
      return { body: await sheetFile(linesSheet(about, lines), kind), headers: attached(`${call.params.campaign}-${deduction.id}`, kind) };
    },
  });

/** Persons from whose accounts nothing was taken: a township's list for urging, on the screen and as a file. */
export const deductionLineRoutes: readonly Route[] = [file('csv'), file('xlsx'), list];
