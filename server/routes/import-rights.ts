import type { ImportKind, ImportSender } from '../../activities/imports/index.js';
import type { Definition } from '../../domain/model/definition.js';
import { frameOf } from '../../domain/process/index.js';
import type { DepositSource } from '../../store/payments/deposits.js';
import { mustLead, type CampaignSeen } from '../http/campaign.js';
import type { Caller } from '../http/caller.js';
import { grantedScope, type ApiGrant } from '../http/grants.js';
import { scopeOfRoles } from '../http/persons.js';
import { Problem } from '../http/problems.js';
import type { Services } from '../http/services.js';

/** Files that offices bring in themselves, by the act that `may` grants; all others are the leading role's. */
const GRANTS: Partial<Readonly<Record<ImportKind, ApiGrant>>> = {
  accounts: 'reportDeposit',
  deposits: 'reportDeposit',
  identityEntries: 'enterIdentity',
};

/**
 * What a caller may bring into a campaign as a file of this kind, and for which units. Lists of identities come from who certifies (`groups.*.by`) and from nobody else.
 * `by`: who speaks in a report of deposits; the bank's word is for who reports for the whole campaign. Error: `not-permitted`.
 */
export async function senderOf(
  services: Services,
  caller: Caller,
  seen: CampaignSeen,
  kind: ImportKind,
  by: DepositSource | undefined,
): Promise<ImportSender> {
  const { setting, state } = await services.folds.of(seen.row.process_id);
  const { definition, plainRoles } = frameOf(setting, state.amendments);
  if (kind === 'identities') return { paths: null, holds: certifierRoles(caller, seen, definition, plainRoles), deposits: 'bank' };
  const grant = GRANTS[kind];
  if (grant === undefined) {
    mustLead(caller, seen, definition.leads);
    return { paths: null, holds: [], deposits: 'bank' };
  }
  const paths = await grantedScope(services, caller, seen, grant);
  const whole = paths.includes(seen.root.path);
  if (by === 'bank' && !whole)
    throw new Problem('not-permitted', {
      zh: '银行名单须由负责全县的单位导入',
      en: 'The bank’s list is brought in for the whole campaign',
    });
  return { paths: whole ? null : paths, holds: [], deposits: by ?? (whole ? 'bank' : 'township') };
}

/** Roles that the caller holds and that certify a group, with where. Error: `not-permitted` when there is none. */
function certifierRoles(
  caller: Caller,
  seen: CampaignSeen,
  { groups }: Definition,
  plainRoles: (role: string) => readonly string[],
): ImportSender['holds'] {
  const roles = new Set(Object.values(groups).flatMap(({ by }) => plainRoles(by)));
  const holds = [...roles].flatMap((role) => scopeOfRoles(caller, seen, [role]).map((path) => ({ role, path })));
  if (holds.length === 0)
    throw new Problem('not-permitted', { zh: '特殊身份由认定部门导入', en: 'Identities are brought in by the offices that certify them' });
  return holds;
}
