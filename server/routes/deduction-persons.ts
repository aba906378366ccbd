import { z } from 'zod';
import { maskName } from '../../domain/people/names.js';
import { STANDINGS } from '../../domain/deduction/classes.js';
import { findBatch } from '../../store/deductions/batches.js';
import { contentOf } from '../../store/deductions/files.js';
import { openProposals, unsettled } from '../../store/lists/settlements.js';
import { lineScope, mustTakePart, seeCycle } from '../http/deductions.js';
import { recordAudit } from '../http/audit.js';
import { notFound } from '../http/problems.js';
import { fen } from '../http/shapes.js';
import { route, type Route } from '../http/route.js';
import { batchId, cycleParams, decisionId, paperShown, showPaper } from './deduction-shapes.js';

const params = z.strictObject(cycleParams);

const open = route({
  method: 'get',
  path: '/deductions/{campaign}/{deduction}/settlements',
  tag: 'deductions',
  title: '待两人处理的矛盾、应退款和意见 What waits for two people',
  about:
    '提出或复核处理意见的（settleUnknown）看全县，有权查看个人信息的看其单位；姓名遮掩，查看留痕。All of it for who proposes or confirms; else of units where the caller may see persons; names masked; the look is recorded.',
  access: 'signedIn',
  effects: 'transaction',
  params,
  reply: z
    .strictObject({
      items: z.array(
        z.strictObject({
          kind: z.enum(['quarantine', 'refund', 'line']),
          subject: z.string(),
          batch: z.string(),
          line: z.int(),
          unit: z.string(),
          unitName: z.string(),
          name: z.string(),
          amount: fen,
          stands: z.string(),
          said: z.string().nullable(),
          saidTitle: z
            .string()
            .nullable()
            .meta({ description: '后来的文件所说结果的名称 how the outcome that the later file says is called' }),
          at: z.string(),
        }),
      ),
      proposed: z.array(
        z.strictObject({
          decision: decisionId,
          kind: z.enum(['line', 'quarantine', 'refund']),
          subject: z.string(),
          batch: z.string(),
          line: z.int(),
          unit: z.string(),
          unitName: z.string(),
          name: z.string(),
          amount: fen,
          standing: z.enum(STANDINGS),
          said: z
            .string()
            .nullable()
            .meta({ description: '回盘矛盾：后来的文件所说；应退款：缘由 what the later file says, or why it is owed back' }),
          saidTitle: z.string().nullable(),
          choice: z.string(),
          choiceTitle: z.string().meta({ description: '拟定结果的名称，不是结果的同 choice how the outcome is called; else as choice' }),
          reason: z.string(),
          evidence: z.array(paperShown),
          by: z.string(),
          byName: z.string(),
          at: z.string(),
        }),
      ),
    })
    .meta({ id: 'DeductionSettlements' }),
  async handle({ params: { campaign, deduction }, caller, services, trx }) {
    const cycle = await seeCycle(services, caller, campaign, deduction);
    const paths = await lineScope(services, caller, cycle);
    const items = await unsettled(trx, services.county, campaign, deduction, paths, 1_000);
    const proposed = await openProposals(trx, services.county, campaign, deduction, paths);
    const titleOf = (outcome: string): string => cycle.deduction.outcomes[outcome]?.title ?? outcome;
    const titled = ({ kind, said }: { readonly kind: string; readonly said: string | null }): string | null =>
      kind === 'quarantine' && said !== null ? titleOf(said) : said;
    await recordAudit(services, trx, caller.id, 'persons.read', campaign, {
      list: 'settlements',
      lines: [...items, ...proposed].map(({ subject }) => subject),
    });
    return {
      body: {
        items: items.map((item) => ({ ...item, saidTitle: titled(item), name: maskName(item.name) })),
        proposed: proposed.map(({ name, evidence, ...one }) => ({
          ...one,
          saidTitle: titled(one),
          choiceTitle: titleOf(one.choice),
          name: maskName(name),
          evidence: evidence.map((given) => showPaper(cycle.setting, given)),
        })),
      },
    };
  },
});

const file = route({
  method: 'get',
  path: '/deductions/{campaign}/{deduction}/batches/{batch}/file',
  tag: 'deductions',
  title: '下载给银行的请求文件 Download the request file',
  about:
    '含账号和户名：银行和组织代扣者可下载，下载留痕；每次都是同样的字节。Holds accounts; the same bytes each time; the download is recorded.',
  access: 'signedIn',
  effects: 'transaction',
  params: params.extend({ batch: batchId }),
  reply: z.custom<Buffer>((value) => Buffer.isBuffer(value)).meta({ override: { type: 'string', format: 'binary' } }),
  media: 'application/octet-stream',
  problems: ['not-permitted'],
  async handle({ params: { campaign, deduction, batch: id }, caller, services, trx }) {
    const cycle = await seeCycle(services, caller, campaign, deduction);
    mustTakePart(caller, cycle, 'files');
    const batch = await findBatch(trx, services.county, id);
    if (batch === null || batch.process !== campaign || batch.deduction !== deduction) throw notFound();
    const pieces: Buffer[] = [];
    for await (const piece of contentOf(trx, services.personalData, services.county, batch.file)) pieces.push(piece);
    await recordAudit(services, trx, caller.id, 'deduction.file.read', id, { digest: batch.digest });
    return {
      body: Buffer.concat(pieces),
      headers: {
        'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(batch.fileName)}`,
        'Repr-Digest': `sha-256=:${Buffer.from(batch.digest, 'hex').toString('base64')}:`,
      },
    };
  },
});

/** What of a deduction names persons: who sees units' figures does not see these for that alone. */
export const deductionPersonRoutes: readonly Route[] = [open, file];
