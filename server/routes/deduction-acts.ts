import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { clearBatch } from '../../activities/deductions/clear.js';
import { previewReturn } from '../../activities/deductions/preview.js';
import { CycleRefusal } from '../../activities/deductions/refusal.js';
import { confirmSettlement, dropSettlement, proposeSettlement } from '../../activities/deductions/settle.js';
import { FileKeeper } from '../../store/deductions/files.js';
import { addOrder, setStop } from '../../store/deductions/orders.js';
import { orderOfBytes, type FileBefore } from '../../store/lists/deductions.js';
import { verifyLedger } from '../../store/ledger/verify.js';
import { mustTakePart, partsOf, seeCycle } from '../http/deductions.js';
import { recordAudit } from '../http/audit.js';
import { Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import { line, localDate, note, positiveFen, yes } from '../http/shapes.js';
import {
  batchId,
  cycleParams,
  decisionId,
  orderId,
  orderStatus,
  paperGiven,
  resultSchema,
  returnProblemSchema,
  showProblem,
  showResult,
} from './deduction-shapes.js';

const params = z.strictObject(cycleParams);
/** Checked as the real one, and nothing is kept. */
const tried = z.strictObject({ dryRun: yes.optional() });
const MAX_FILE = 200 * 1024 * 1024;

const returned = route({
  method: 'post',
  path: '/deductions/{campaign}/{deduction}/returns',
  tag: 'deductions',
  title: '交入银行回盘文件 Hand in a return file',
  about:
    '同样的字节再交一次没有第二次效果（known）。逐行核对后一次入账；进度和结果见该工作单。dryRun 只说会怎样，什么也不留。The same bytes again have no second effect; posted all or nothing; dryRun says what it would do and keeps nothing.',
  access: 'signedIn',
  effects: 'elsewhere',
  params,
  files: {
    fields: [{ name: 'file', required: true, description: '银行给的原文件，文件名不要改 the bank’s file under its own name' }],
    maxBytes: MAX_FILE,
  },
  body: z.strictObject({ dryRun: z.boolean().default(false) }).meta({ id: 'DeductionReturn' }),
  reply: z
    .strictObject({
      order: orderId.nullable().meta({ description: '演练时为空 null for a dry run' }),
      known: z.boolean().meta({ description: '同样的字节交过，什么也没有再做 the same bytes came before: nothing was done again' }),
      before: z
        .strictObject({ file: z.string(), at: z.string(), batch: batchId.nullable(), status: orderStatus })
        .nullable()
        .meta({ description: '头一次交入时的文件名、时间、批次 its name, time and batch when it came first' }),
      preview: resultSchema.nullable(),
      problems: z.array(returnProblemSchema),
    })
    .meta({ id: 'DeductionReturned' }),
  status: 202,
  problems: ['act-refused', 'not-permitted'],
  async handle({ params: { campaign, deduction }, body, files, caller, services }) {
    const cycle = await seeCycle(services, caller, campaign, deduction);
    mustTakePart(caller, cycle, 'files');
    const [sent] = files;
    if (sent === undefined) throw new Problem('upload-refused');
    const { seen, of } = cycle;
    const name = sent.name.replace(/^.*[/\\]/, '').replace(/\p{Cc}/gu, '');
    const digest = await digestOf(sent.path);
    if (body.dryRun) {
      const before = await orderOfBytes(services.store.db, services.county, campaign, deduction, digest);
      if (before !== null) return { body: knownAlready(before) };
      const { result, problems } = await previewReturn(partsOf(services), of, { name, path: sent.path, at: seen.now, by: caller.id });
      const preview = showResult(result);
      return { body: { order: null, known: false, before: null, preview, problems: problems.map(showProblem) } };
    }
    const answer = await services.store.db.transaction().execute(async (trx) => {
      const before = await orderOfBytes(trx, services.county, campaign, deduction, digest);
      if (before !== null) return knownAlready(before);
      const keeper = await FileKeeper.begin(trx, services.personalData, {
        county: services.county,
        kind: 'return',
        at: seen.now,
        by: caller.id,
      });
      for await (const piece of createReadStream(sent.path, { highWaterMark: 256 * 1024 })) await keeper.add(piece as Buffer);
      const file = await keeper.finish(name);
      const id = await addOrder(trx, { ...of, kind: 'return', status: 'waiting', request: {}, file: file.id, at: seen.now, by: caller.id });
      await recordAudit(services, trx, caller.id, 'deduction.return.received', id, { process: campaign, digest, bytes: file.bytes });
      return { order: id, known: false, before: null, preview: null, problems: [] };
    });
    return { body: answer };
  },
});

/** A file is known by its bytes, whatever it is called now: a dry run and the real one answer alike. */
function knownAlready({ order, file, at, batch, status }: FileBefore) {
  return { order, known: true, before: { file, at, batch, status }, preview: null, problems: [] };
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

const clear = route({
  method: 'post',
  path: '/deductions/{campaign}/{deduction}/batches/{batch}/clear',
  tag: 'deductions',
  title: '登记一批扣款到账 Record that the money of a batch has come',
  about: '金额须与回盘成功合计分毫不差；此后才算到账。To the fen what the returns say; only now it has arrived.',
  access: 'signedIn',
  effects: 'elsewhere',
  params: params.extend({ batch: batchId }),
  query: tried,
  body: z.strictObject({ amount: positiveFen, on: localDate, reference: line(60) }).meta({ id: 'DeductionClear' }),
  reply: z.strictObject({ clearing: z.string(), lines: z.int(), amount: positiveFen }).meta({ id: 'DeductionCleared' }),
  status: 200,
  problems: ['act-refused', 'not-permitted'],
  async handle({ params: { campaign, deduction, batch }, query, body, caller, services }) {
    const dryRun = query.dryRun === true;
    const cycle = await seeCycle(services, caller, campaign, deduction);
    mustTakePart(caller, cycle, 'money');
    const cleared = await clearBatch(partsOf(services), { ...cycle.of, batch, ...body, at: cycle.seen.now, by: caller.id, dryRun });
    return { body: { ...cleared }, undo: dryRun };
  },
});

const propose = route({
  method: 'post',
  path: '/deductions/{campaign}/{deduction}/settlements',
  tag: 'deductions',
  title: '提出处理意见（由另一人复核） Propose how something is settled',
  about:
    'line：结果不明或没有回盘的行，choice 为方案中的确定结果；quarantine：keep、reverse、taken；refund：paid、credited。A line: an outcome; a contradiction: keep, reverse, taken; a refund: paid, credited.',
  access: 'signedIn',
  effects: 'elsewhere',
  params,
  query: tried,
  body: z
    .strictObject({
      kind: z.enum(['line', 'quarantine', 'refund']),
      subject: z
        .string()
        .max(60)
        .regex(/^[by]\d+(\/\d+(\/[we]\d+)?)?$/, 'b1/3, b1/3/w5, y9'),
      choice: z
        .string()
        .max(100)
        .regex(/^[A-Za-z]\w*$/),
      reason: note(500),
      evidence: z
        .array(paperGiven)
        .max(20)
        .default([])
        .meta({ description: 'line：方案 may.settleUnknown.evidence 所列材料 the papers that the definition asks for' }),
    })
    .meta({ id: 'DeductionSettle' }),
  reply: z.strictObject({ decision: decisionId }).meta({ id: 'DeductionProposed' }),
  problems: ['act-refused', 'not-permitted'],
  async handle({ params: { campaign, deduction }, query, body, caller, services }) {
    const cycle = await seeCycle(services, caller, campaign, deduction);
    mustTakePart(caller, cycle, 'settle');
    const dryRun = query.dryRun === true;
    return {
      body: {
        ...(await proposeSettlement(partsOf(services), {
          ...cycle.of,
          ...body,
          evidence: body.evidence.map((one) => ({ ...one, file: null })),
          at: cycle.seen.now,
          by: caller.id,
          dryRun,
        })),
      },
      undo: dryRun,
    };
  },
});

const decideSettlement = (verb: 'confirm' | 'drop', title: string): Route =>
  route({
    method: 'post',
    path: `/deductions/{campaign}/{deduction}/settlements/{decision}/${verb}`,
    tag: 'deductions',
    title,
    access: 'signedIn',
    effects: 'elsewhere',
    params: params.extend({ decision: decisionId }),
    query: tried,
    reply: z.strictObject({ decision: decisionId }).meta({ id: verb === 'confirm' ? 'DeductionSettled' : 'DeductionSettleDropped' }),
    status: 200,
    problems: ['act-refused', 'not-permitted'],
    async handle({ params: { campaign, deduction, decision }, query, caller, services }) {
      const dryRun = query.dryRun === true;
      const cycle = await seeCycle(services, caller, campaign, deduction);
      mustTakePart(caller, cycle, verb === 'confirm' ? 'confirm' : 'settle');
      const act = { ...cycle.of, decision, at: cycle.seen.now, by: caller.id, dryRun };
      if (verb === 'confirm') await confirmSettlement(partsOf(services), act);
      else await dropSettlement(partsOf(services), act);
      return { body: { decision }, undo: dryRun };
    },
  });

const resume = route({
  method: 'post',
  path: '/deductions/{campaign}/{deduction}/resume',
  tag: 'deductions',
  title: '数目查清后恢复代扣 Let a stopped cycle go on',
  about: '账目校验通过才恢复。Only when the ledger verifies.',
  access: 'admin',
  params,
  query: tried,
  body: z.strictObject({ reason: note(500) }).meta({ id: 'DeductionResume' }),
  reply: z.strictObject({ resumed: z.boolean() }).meta({ id: 'DeductionResumed' }),
  status: 200,
  problems: ['act-refused'],
  async handle({ params: { campaign, deduction }, query, body, caller, services, trx }) {
    const { seen, of } = await seeCycle(services, caller, campaign, deduction);
    caller.mustAdminister(seen.root.path);
    const { violation } = await verifyLedger(trx, { county: services.county, process: campaign });
    if (violation !== null)
      throw new CycleRefusal(
        'not-balanced',
        `账目不符：${violation.code}，${violation.at}`,
        `the ledger does not hold: ${violation.code} at ${violation.at}`,
        { ...violation },
      );
    await setStop(trx, of, { stopped: false, detail: { reason: body.reason }, at: seen.now, by: caller.id });
    await recordAudit(services, trx, caller.id, 'deduction.resumed', campaign, { deduction, reason: body.reason });
    return { body: { resumed: true }, undo: query.dryRun === true };
  },
});

export const deductionActRoutes: readonly Route[] = [
  returned,
  clear,
  propose,
  decideSettlement('confirm', '复核处理意见 Confirm how it is settled'),
  decideSettlement('drop', '撤回处理意见 Take a proposal back'),
  resume,
];
