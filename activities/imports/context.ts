import type { Definition, Table } from '../../domain/model/definition.js';
import type { LocalDate, Moment, ProcessId, RoleId, UserId } from '../../domain/model/ids.js';
import type { Setting } from '../../domain/model/setting.js';
import type { Db, Store } from '../../store/connection.js';
import { loadUnitIndex, type UnitIndex } from '../../store/imports/unit-index.js';
import type { BulkSession } from '../../store/imports/session.js';
import type { DepositSource } from '../../store/payments/deposits.js';
import type { PersonalDataKey } from '../../store/people/personal-data-key.js';
import { findProcess } from '../../store/processes.js';
import { settingInForce } from '../../store/settings.js';
import { unitById } from '../../store/units/read.js';
import type { ImportKind } from '../../domain/model/import-kind.js';
import { ImportRefusal, type RowProblem } from './problem.js';
import type { ImportProfile } from './profile.js';
import type { ImportSource } from './source.js';
import type { ColumnSum, TableRecord } from './table.js';

/** First password of a new account: the server makes, keeps and hands out the plain text, the store gets the hash. */
export type IssuePassword = (account: { readonly login: string; readonly name: string }) => Promise<{ readonly hash: string }>;

/** What the sender of a file may; whoever calls has made sure of it. */
export interface ImportSender {
  /** Rows may be about units at or below these paths; null = the whole campaign. */
  readonly paths: readonly string[] | null;
  /** Roles of the definition that the sender holds, and where: who certifies which group. */
  readonly holds: readonly { readonly role: RoleId; readonly path: string }[];
  /** Who speaks in reports of deposits. */
  readonly deposits: DepositSource;
}

export interface ImportRequest {
  readonly store: Store;
  readonly county: string;
  readonly kind: ImportKind;
  readonly source: ImportSource;
  readonly profile: ImportProfile;
  /** The campaign; null only for `units` and `people` of the whole county. */
  readonly process: ProcessId | null;
  /** `targets`: the table; `provisional` when it stands in until the final one is known. */
  readonly table?: string;
  readonly provisional?: boolean;
  /** `units` and `people` before any campaign: the definition whose levels and roles count. */
  readonly definition?: Definition;
  readonly key: PersonalDataKey;
  readonly issuePassword?: IssuePassword;
  readonly actor: { readonly user: UserId };
  /** Absent: who leads the campaign, with no role of another. */
  readonly sender?: ImportSender;
  /** Business moment of recording (the world's now). */
  readonly now: Moment;
  /** Reads, checks and merges everything, then undoes it. */
  readonly dryRun: boolean;
  readonly progress?: (rows: number) => void;
  readonly signal?: AbortSignal;
}

/** A campaign as an import needs it. */
export interface CampaignContext {
  readonly process: ProcessId;
  readonly year: number;
  /** With the amendments so far laid over it. */
  readonly setting: Setting;
  readonly amended: boolean;
  readonly rootPath: string;
}

/** What one kind of file is given to do its work. */
export interface ImportWork {
  readonly request: ImportRequest;
  readonly session: BulkSession;
  readonly importId: string;
  readonly today: LocalDate;
  readonly sender: ImportSender;
  readonly campaign: CampaignContext | null;
  readonly definition: Definition | null;
  readonly units: UnitIndex;
  readonly records: AsyncIterable<TableRecord>;
  /** After the last record: the sums, checked against the total row. */
  finish(): readonly ColumnSum[];
  /** Heading of a field as printed in the file. */
  heading(field: string): string | null;
}

export interface KindOutcome {
  readonly read: number;
  /** Rows that changed something. */
  readonly kept: number;
  /** Rows that were known already. */
  readonly known: number;
  readonly bad: number;
  readonly sums: readonly ColumnSum[];
  /** The first thousand; all are in `import_errors`. */
  readonly errors: readonly RowProblem[];
  readonly detail: ImportDetail;
}

/** Detail that came for a day on which a village had entered a total. Money in fen. */
export interface TotalDifference {
  readonly unit: string;
  readonly unitName: string;
  readonly insurance: string;
  readonly on: LocalDate;
  readonly totalPersons: number;
  readonly totalAmount: number;
  readonly detailPersons: number;
  readonly detailAmount: number;
}

export type ImportDetail =
  | { readonly kind: 'units'; readonly created: number; readonly renamed: number; readonly moved: number }
  | { readonly kind: 'people'; readonly accounts: number; readonly changed: number; readonly holdings: number }
  | { readonly kind: 'targets'; readonly table: string; readonly version: number; readonly changed: boolean }
  | { readonly kind: 'roster'; readonly persons: number; readonly changed: number; readonly dues: number }
  | {
      readonly kind: 'payments';
      readonly payments: number;
      readonly credited: number;
      readonly suspense: number;
      readonly suspenseAmount: number;
      readonly reasons: Readonly<Record<string, number>>;
      readonly differences: readonly TotalDifference[];
    }
  | { readonly kind: 'accounts'; readonly put: number; readonly replaced: number }
  | { readonly kind: 'deposits'; readonly source: DepositSource; readonly reports: number; readonly changed: number }
  | { readonly kind: 'identities' | 'identityEntries'; readonly added: number; readonly changed: number; readonly dues: number }
  | { readonly kind: 'unitTotals'; readonly entered: number; readonly differences: readonly TotalDifference[] };

/** Throws `unknown-process`. */
export async function loadCampaign(db: Db, county: string, process: ProcessId): Promise<CampaignContext> {
  const row = await findProcess(db, county, process);
  const root = row === null ? null : await unitById(db, county, row.root_unit);
  if (row === null || root === null)
    throw new ImportRefusal('unknown-process', `没有编号为 ${process} 的活动`, `there is no campaign ${process}`, { process });
  return { process, year: row.year, ...(await settingInForce(db, county, process, row.setting_digest)), rootPath: root.path };
}

export const unitsOf = (db: Db, county: string, campaign: CampaignContext | null, today: LocalDate): Promise<UnitIndex> =>
  loadUnitIndex(db, county, campaign?.rootPath ?? null, today);

/** Throws `unknown-table`. */
export function tableOf(definition: Definition | null, id: string | undefined): Table {
  const table = id === undefined ? undefined : definition?.tables[id];
  if (!table) throw new ImportRefusal('unknown-table', `没有任务表“${id ?? ''}”`, `there is no table '${id ?? ''}'`, { table: id ?? '' });
  return table;
}

/** Throws `unknown-process`. */
export function requireCampaign(campaign: CampaignContext | null): CampaignContext {
  if (campaign === null)
    throw new ImportRefusal('unknown-process', '这类文件须导入到某个活动', 'files of this kind are imported into a campaign');
  return campaign;
}
