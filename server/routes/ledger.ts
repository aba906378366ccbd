import { z } from 'zod';
import { isMoment } from '../../domain/calendar/dates.js';
import { ACCOUNT_IDS, BOOK_IDS, LEDGER_ACCOUNTS } from '../../domain/ledger/accounts.js';
import type { ProcessId, UnitId } from '../../domain/model/ids.js';
import { maskName } from '../../domain/people/names.js';
import { balanceOf, dumpTransactions, statementOf, trialBalance } from '../../store/ledger/read.js';
import { verifyLedger } from '../../store/ledger/verify.js';
import { personNamed } from '../../store/lists/persons.js';
import { listProcesses } from '../../store/processes.js';
import { inScope } from '../../store/scope.js';
import { unitById } from '../../store/units/read.js';
import { recordAudit } from '../http/audit.js';
import { mustLead, seeCampaign, type CampaignSeen } from '../http/campaign.js';
import type { Caller } from '../http/caller.js';
import { cutPage, decodeCursor, pageOf } from '../http/paging.js';
import { personScope } from '../http/persons.js';
import { notFound, Problem } from '../http/problems.js';
import { route, type Route } from '../http/route.js';
import type { Services } from '../http/services.js';
import { line, localDate, processId, fen } from '../http/shapes.js';

const moment = z
  .string()
  .max(19)
  .refine(isMoment, '应为本地时刻，如 2020-05-25T18:00:00；expected a local time')
  .meta({ example: '2020-05-25T18:00:00' });
const asOf = {
  campaign: processId,
  on: localDate.optional().meta({ description: '至此日发生的 what had happened by this day' }),
  recordedBy: moment.optional().meta({ description: '至此刻已登记的 what had been recorded by this moment' }),
};
const account = z.enum(ACCOUNT_IDS);

/** Books as a whole are for who leads the campaign, and for those over the whole county. */
async function mustSeeBooks(services: Services, caller: Caller, seen: CampaignSeen): Promise<void> {
  if (caller.overAll) return;
  mustLead(caller, seen, (await services.folds.of(seen.row.process_id)).setting.definition.leads);
}

const of = (services: Services, campaign: ProcessId) => ({ county: services.county, process: campaign });

const balanceSchema = z
  .strictObject({
    book: z.enum(BOOK_IDS),
    insurance: z.string(),
    account,
    debit: fen,
    credit: fen,
    balance: z.int().meta({ description: '分，在账户本方为正 fen, above 0 on the account’s own side' }),
  })
  .meta({ id: 'LedgerBalance' });

const trial = route({
  method: 'get',
  path: '/ledger/trial-balance',
  tag: 'ledger',
  title: '试算平衡表，按账簿和险种 Trial balance for each book and insurance',
  access: 'signedIn',
  query: z.strictObject(asOf),
  reply: z.strictObject({ items: z.array(balanceSchema) }).meta({ id: 'TrialBalance' }),
  problems: ['not-permitted'],
  async handle({ query, caller, services }) {
    const seen = await seeCampaign(services, caller, query.campaign);
    await mustSeeBooks(services, caller, seen);
    const items = await trialBalance(services.store.db, of(services, query.campaign), {
      on: query.on ?? null,
      recordedBy: query.recordedBy ?? null,
    });
    return { body: { items: [...items] } };
  },
});

const balance = route({
  method: 'get',
  path: '/ledger/balance',
  tag: 'ledger',
  title: '一个账户某日的余额 Balance of an account as of a day',
  about:
    'holder 为单位、个人或待处理款的编号；不给则为该账户合计。holder: id of a unit, person or case of suspense; without it the account as a whole.',
  access: 'signedIn',
  effects: 'transaction',
  query: z.strictObject({
    ...asOf,
    account,
    holder: z
      .string()
      .regex(/^[a-z]\d{1,15}$/)
      .optional(),
  }),
  reply: z.strictObject({ items: z.array(balanceSchema) }).meta({ id: 'LedgerBalances' }),
  problems: ['not-permitted'],
  async handle({ query, caller, services, trx }) {
    const seen = await seeCampaign(services, caller, query.campaign);
    const holder = query.holder ?? null;
    const kind = LEDGER_ACCOUNTS[query.account].holder;
    if (holder !== null && kind === null)
      throw new Problem('invalid-request', {
        errors: [{ in: 'query', path: 'holder', code: 'bad-value', zh: '该账户不分户', en: 'this account has no holders' }],
      });
    if (holder !== null && kind === 'unit') await mustSeeUnit(services, seen, holder as UnitId);
    else if (holder !== null && kind === 'person') {
      await personSeen(services, caller, seen, holder);
      await recordAudit(services, trx, caller.id, 'persons.read', query.campaign, { list: 'ledger', persons: [holder] });
    } else await mustSeeBooks(services, caller, seen);
    const items = await balanceOf(
      trx,
      of(services, query.campaign),
      { id: query.account, holder },
      { on: query.on ?? null, recordedBy: query.recordedBy ?? null },
    );
    return { body: { items: [...items] } };
  },
});

async function mustSeeUnit(services: Services, seen: CampaignSeen, id: UnitId): Promise<void> {
  const unit = await unitById(services.store.db, services.county, id);
  if (unit === null || !unit.path.startsWith(seen.root.path) || !inScope(seen.scope, unit.path)) throw notFound();
}

/** A person in the caller's units, by a role that sees persons. */
async function personSeen(services: Services, caller: Caller, seen: CampaignSeen, id: string): Promise<{ readonly name: string }> {
  const scope = await personScope(services, caller, seen);
  const person = await personNamed(services.store.db, services.county, id);
  if (person === null || !inScope(scope, person.path)) throw notFound();
  return person;
}

const statement = route({
  method: 'get',
  path: '/ledger/statement',
  tag: 'ledger',
  title: '个人缴费对账单 Statement of a participant',
  about:
    '须有 seePersons 职责；姓名默认遮掩，写明理由才显示全名；每次查看都留痕。For roles that seePersons names; the name is masked unless a reason is given; every look is audited.',
  access: 'signedIn',
  effects: 'transaction',
  query: z.strictObject({
    ...asOf,
    person: z.string().regex(/^[a-z]\d{1,15}$/),
    reason: line(200).optional().meta({ description: '显示全名的理由 why the name is shown in full' }),
  }),
  reply: z
    .strictObject({
      person: z.string(),
      name: z.string(),
      masked: z.boolean(),
      lines: z.array(
        z.strictObject({
          transaction: z.string(),
          kind: z.string(),
          on: z.string(),
          recordedAt: z.string(),
          book: z.enum(BOOK_IDS),
          insurance: z.string(),
          year: z.int(),
          account,
          amount: fen,
          balance: fen,
        }),
      ),
    })
    .meta({ id: 'LedgerStatement' }),
  problems: ['not-permitted'],
  async handle({ query, caller, services, trx }) {
    const seen = await seeCampaign(services, caller, query.campaign);
    const { name } = await personSeen(services, caller, seen, query.person);
    const lines = await statementOf(trx, of(services, query.campaign), query.person, {
      on: query.on ?? null,
      recordedBy: query.recordedBy ?? null,
    });
    const masked = query.reason === undefined;
    await recordAudit(services, trx, caller.id, 'persons.read', query.campaign, {
      list: 'statement',
      persons: [query.person],
      ...(masked ? {} : { shown: query.reason }),
    });
    return { body: { person: query.person, name: masked ? maskName(name) : name, masked, lines: [...lines] } };
  },
});

const MAX_DUMPED = 2_000;

const transactions = route({
  method: 'get',
  path: '/ledger/transactions',
  tag: 'ledger',
  title: '全部凭证，按编号顺序，只含代号 All transactions in the order of their ids, surrogates only',
  access: 'signedIn',
  effects: 'transaction',
  query: z.strictObject({
    campaign: processId,
    limit: z.coerce.number().int().min(1).max(MAX_DUMPED).default(200),
    cursor: z.string().max(2000).optional(),
  }),
  reply: pageOf(
    z
      .strictObject({
        campaign: z.string(),
        id: z.string(),
        kind: z.string(),
        on: z.string(),
        year: z.int(),
        by: z.string(),
        reverses: z.string().nullable(),
        postings: z.array(
          z.strictObject({ account, holder: z.string().nullable(), book: z.enum(BOOK_IDS), insurance: z.string(), amount: fen }),
        ),
      })
      .meta({ id: 'LedgerTransaction' }),
  ).meta({ id: 'LedgerTransactions' }),
  problems: ['not-permitted'],
  async handle({ query, caller, services, trx }) {
    const seen = await seeCampaign(services, caller, query.campaign);
    await mustSeeBooks(services, caller, seen);
    const after = decodeCursor(query.cursor, 1)?.[0] ?? '';
    const rows = await dumpTransactions(trx, of(services, query.campaign), String(after), query.limit + 1);
    const page = cutPage(rows, query.limit, (row) => [row.id]);
    if (query.cursor === undefined) await recordAudit(services, trx, caller.id, 'ledger.dumped', query.campaign, {});
    return { body: { items: page.rows.map((row) => ({ ...row, postings: [...row.postings] })), next: page.next } };
  },
});

const verify = route({
  method: 'post',
  path: '/ledger/verify',
  tag: 'ledger',
  title: '校验账目：逐条检查，指出第一处不符 Verify every promise of the ledger; names the first that is broken',
  about: '不给 campaign 则校验全县各项工作。Without campaign: all of the county, for those over all of it.',
  access: 'signedIn',
  effects: 'none',
  body: z.strictObject({ campaign: processId.optional() }).meta({ id: 'LedgerVerify' }),
  reply: z
    .strictObject({
      ok: z.boolean(),
      campaigns: z.array(
        z.strictObject({
          campaign: z.string(),
          transactions: z.int(),
          postings: z.int(),
          checked: z.array(z.string()),
          violation: z.strictObject({ code: z.string(), at: z.string(), expected: z.string(), found: z.string() }).nullable(),
        }),
      ),
    })
    .meta({ id: 'LedgerVerified' }),
  status: 200,
  problems: ['not-permitted'],
  async handle({ body, caller, services }) {
    const { db } = services.store;
    if (body.campaign === undefined) {
      if (!caller.overAll) throw new Problem('not-permitted');
    } else await mustSeeBooks(services, caller, await seeCampaign(services, caller, body.campaign));
    const which =
      body.campaign === undefined
        ? (await listProcesses(db, services.county, caller.scope())).map(({ process_id }) => process_id)
        : [body.campaign];
    const campaigns = [];
    for (const campaign of which) {
      const found = await verifyLedger(db, of(services, campaign));
      campaigns.push({ campaign, ...found, checked: [...found.checked] });
    }
    return { body: { ok: campaigns.every(({ violation }) => violation === null), campaigns } };
  },
});

export const ledgerRoutes: readonly Route[] = [trial, balance, statement, transactions, verify];
