import type { Digest, LocalDate } from '../../domain/model/ids.js';
import { appendAudit } from '../../store/audit.js';
import { nextId } from '../../store/ids.js';
import { insertImport } from '../../store/imports/imports.js';
import { inSession, Undo, type BulkSession } from '../../store/imports/session.js';
import { keepProblems } from '../../store/imports/staged-problems.js';
import { refreshStatistics } from '../../store/imports/statistics.js';
import {
  loadCampaign,
  tableOf,
  unitsOf,
  type CampaignContext,
  type ImportDetail,
  type ImportRequest,
  type ImportSender,
  type ImportWork,
  type KindOutcome,
} from './context.js';
import type { ImportKind } from '../../domain/model/import-kind.js';
import { fieldsOf } from './fields.js';
import { importAccounts } from './kinds/accounts.js';
import { importDeposits } from './kinds/deposits.js';
import { importIdentities, importIdentityEntries } from './kinds/identities.js';
import { importPayments } from './kinds/payments.js';
import { importPeople } from './kinds/people.js';
import { importRoster } from './kinds/roster.js';
import { importTargets } from './kinds/targets.js';
import { importUnits } from './kinds/units.js';
import { importUnitTotals } from './kinds/unit-totals.js';
import { ImportRefusal, type RowProblem } from './problem.js';
import { readRows } from './read-rows.js';
import { inspectSource, type SourceFacts } from './source.js';
import { openTable, type ColumnSum, type TableRecord } from './table.js';

export interface ImportResult {
  /** null for a dry run. */
  readonly importId: string | null;
  readonly kind: ImportKind;
  readonly digest: Digest;
  readonly dryRun: boolean;
  readonly read: number;
  readonly kept: number;
  readonly known: number;
  readonly bad: number;
  readonly sums: readonly ColumnSum[];
  /** The first thousand row problems, in order; `tellRowProblem` gives the sentence. */
  readonly errors: readonly RowProblem[];
  readonly detail: ImportDetail;
}

const KINDS: Readonly<Record<ImportKind, (work: ImportWork) => Promise<KindOutcome>>> = {
  units: importUnits,
  people: importPeople,
  targets: importTargets,
  roster: importRoster,
  payments: importPayments,
  unitTotals: importUnitTotals,
  accounts: importAccounts,
  deposits: importDeposits,
  identities: importIdentities,
  identityEntries: importIdentityEntries,
};

/** Kinds whose row problems are staged beside the rows and kept by the kind itself. */
const STAGED: readonly ImportKind[] = ['roster', 'payments', 'accounts', 'deposits', 'identities', 'identityEntries'];
const LEADING: ImportSender = { paths: null, holds: [], deposits: 'bank' };
const PROGRESS_EVERY = 2_000;

/**
 * Takes a file in: its rows are streamed into a temporary staging table, checked, and merged in one transaction with figures, facts for the
 * campaign, row problems and one audit record. Good rows are kept, bad ones reported. Whatever breaks it off (error, cancel, kill) leaves nothing. Throws
 * `ImportRefusal` when the file as a whole is refused; that is recorded too (not in a dry run).
 */
export async function runImport(request: ImportRequest): Promise<ImportResult> {
  if (request.profile.kind !== request.kind)
    throw new ImportRefusal('wrong-file-kind', '导入方案属于另一种文件', 'the profile belongs to another kind of file', {
      profile: request.profile.kind,
      kind: request.kind,
    });
  const facts = await inspectSource(request.source);
  const campaign = request.process === null ? null : await loadCampaign(request.store.db, request.county, request.process);
  const importId = await nextId(request.store.db, request.county, 'i');
  try {
    return await inSession(request.store, (session) => importFile(request, facts, campaign, importId, session));
  } catch (error) {
    if (error instanceof ImportRefusal && error.code !== 'cancelled' && !request.dryRun)
      await recordRefusal(request, facts, importId, error);
    throw error;
  }
}

async function importFile(
  request: ImportRequest,
  facts: SourceFacts,
  campaign: CampaignContext | null,
  importId: string,
  session: BulkSession,
): Promise<ImportResult> {
  const { county, kind, profile, now, actor } = request;
  const today = now.slice(0, 10) as LocalDate;
  const definition = campaign?.setting.definition ?? request.definition ?? null;
  const fields = fieldsOf(kind, kind === 'targets' ? tableOf(definition, request.table) : null);
  const rows = readRows(request.source, facts);
  try {
    const table = await openTable(rows, profile, fields, kind === 'payments');
    const work: ImportWork = {
      request,
      session,
      importId,
      today,
      sender: request.sender ?? LEADING,
      campaign,
      definition,
      units: await unitsOf(session.trx, county, campaign, today),
      records: watched(request, table.records),
      finish: () => table.finish(),
      heading: (id) => profile.columns[id] ?? null,
    };
    const outcome = await KINDS[kind](work);
    stopIfCancelled(request);
    const result: ImportResult = {
      importId: request.dryRun ? null : importId,
      kind,
      digest: facts.digest,
      dryRun: request.dryRun,
      ...outcome,
    };
    if (request.dryRun) throw new Undo(result);
    const { trx } = session;
    if (STAGED.includes(kind)) await refreshStatistics(trx, outcome.kept);
    await insertImport(trx, {
      county,
      id: importId,
      process: campaign?.process ?? null,
      kind,
      fileName: request.source.name,
      digest: facts.digest,
      profile,
      status: 'done',
      read: outcome.read,
      kept: outcome.kept,
      bad: outcome.bad,
      totals: { sums: outcome.sums, known: outcome.known, detail: outcome.detail },
      by: actor.user,
      at: now,
    });
    if (!STAGED.includes(kind)) await keepProblems(trx, county, importId, outcome.errors);
    await appendAudit(trx, county, {
      at: now,
      actor: actor.user,
      action: `import.${kind}`,
      subject: importId,
      detail: {
        process: campaign?.process ?? null,
        digest: facts.digest,
        read: outcome.read,
        kept: outcome.kept,
        known: outcome.known,
        bad: outcome.bad,
      },
    });
    return result;
  } finally {
    await rows.return(undefined);
  }
}

async function* watched(request: ImportRequest, records: AsyncIterable<TableRecord>): AsyncGenerator<TableRecord> {
  let count = 0;
  for await (const record of records) {
    count += 1;
    if (count % PROGRESS_EVERY === 0) {
      stopIfCancelled(request);
      request.progress?.(count);
    }
    yield record;
  }
  stopIfCancelled(request);
  request.progress?.(count);
}

function stopIfCancelled({ signal }: ImportRequest): void {
  if (signal?.aborted === true)
    throw new ImportRefusal('cancelled', '导入已取消，没有任何改动', 'the import was cancelled, nothing was changed');
}

async function recordRefusal(request: ImportRequest, facts: SourceFacts, importId: string, refusal: ImportRefusal): Promise<void> {
  const { store, county, kind, profile, now, actor } = request;
  await store.db.transaction().execute(async (trx) => {
    await insertImport(trx, {
      county,
      id: importId,
      process: request.process,
      kind,
      fileName: request.source.name,
      digest: facts.digest,
      profile,
      status: 'refused',
      read: 0,
      kept: 0,
      bad: 0,
      totals: { code: refusal.code, zh: refusal.zh, en: refusal.en, params: refusal.params },
      by: actor.user,
      at: now,
    });
    await appendAudit(trx, county, {
      at: now,
      actor: actor.user,
      action: `import.${kind}.refused`,
      subject: importId,
      detail: { process: request.process, digest: facts.digest, code: refusal.code },
    });
  });
}
