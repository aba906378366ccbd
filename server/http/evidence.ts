import type { Definition, Field, Value } from '../../domain/model/definition.js';
import type { Act } from '../../domain/model/event.js';
import type { ActId, ObligationId } from '../../domain/model/ids.js';
import type { EvidenceGiven } from '../../domain/model/state.js';
import { claimEvidence, findFile, releaseEvidence, usesOfFile, type EvidenceClaim, type StoredFile } from '../../store/evidence.js';
import { campaignBytes } from '../../store/housekeeping.js';
import { findObligation } from '../../store/obligations.js';
import type { Caller } from './caller.js';
import { seeCampaign, type CampaignSeen } from './campaign.js';
import { Problem, type Fault } from './problems.js';
import type { Services } from './services.js';

/** A file for whoever uploaded it or sees an obligation that it is evidence for; null for all others. */
export async function seeFile(services: Services, caller: Caller, id: string): Promise<StoredFile | null> {
  const { db } = services.store;
  const file = await findFile(db, services.county, id);
  if (file === null || file.by === caller.id) return file;
  for (const { process, obligation } of await usesOfFile(db, services.county, id)) {
    const campaign = await seeCampaign(services, caller, process).catch((error: unknown) => {
      if (error instanceof Problem && error.code === 'not-found') return null;
      throw error;
    });
    if (campaign === null) continue;
    if ((await findObligation(db, services.county, campaign.scope, process, obligation)) !== null) return file;
  }
  return null;
}

/**
 * Hands an act over with its evidence claimed for it: numbers of serial fields are good once in a campaign, files are known and seen by who
 * gives them. Refused before anything is journalled; what was claimed is given back when the act is refused, and stays claimed while its
 * fate is unknown (`engine-busy`: the same request brings the answer). A dry run is refused alike and claims nothing. Errors: `invalid-request`, `act-refused` (`serial-used`), `storage-full`.
 */
export async function withEvidence<T>(
  services: Services,
  caller: Caller,
  campaign: CampaignSeen,
  given: { readonly act: Act; readonly actId: ActId; readonly obligation: ObligationId; readonly dryRun?: boolean },
  send: () => Promise<T>,
): Promise<T> {
  const { setting } = await services.folds.of(campaign.row.process_id);
  const claim: EvidenceClaim = {
    county: services.county,
    process: campaign.row.process_id,
    act: given.actId,
    obligation: given.obligation,
    serials: serialsOf(setting.definition, given.act, given.obligation),
    files: evidenceOf(given.act).flatMap(({ file }) => file ?? []),
  };
  if (claim.serials.length === 0 && claim.files.length === 0) return send();
  await mustKnowFiles(services, caller, given.act);
  await mustHaveRoom(services, claim);
  const keys = claim.serials.map(({ field, number }) => `${field}\0${number}`);
  const twice = claim.serials.find((_, index) => keys.indexOf(keys[index] ?? '') !== index);
  const taken = twice ?? (await claimEvidence(services.store, claim, given.dryRun));
  if (taken !== null) throw used(setting.definition, taken);
  if (given.dryRun === true) return send();
  try {
    return await send();
  } catch (error) {
    if (error instanceof Problem && error.code !== 'engine-busy') await releaseEvidence(services.store.db, claim);
    throw error;
  }
}

function evidenceOf(act: Act): readonly EvidenceGiven[] {
  if (act.kind === 'markBeforeLaunch') return act.mark.as === 'done' ? (act.mark.evidence ?? []) : [];
  return 'evidence' in act ? (act.evidence ?? []) : [];
}

function serialsOf(definition: Definition, act: Act, obligation: ObligationId): EvidenceClaim['serials'] {
  const duty = obligation.split('/')[0] ?? '';
  return [
    ...evidenceOf(act).flatMap(({ paper, fields }) => serials(`papers.${paper}`, definition.papers[paper]?.fields ?? [], fields)),
    ...(act.kind === 'done' ? serials(`duties.${duty}`, definition.duties[duty]?.fields ?? [], act.answer ?? {}) : []),
  ];
}

const serials = (place: string, fields: readonly Field[], answer: Readonly<Record<string, Value>>): EvidenceClaim['serials'] =>
  fields.flatMap(({ id, type }) => {
    const number = type === 'serial' ? String(answer[id] ?? '').trim() : '';
    return number === '' ? [] : [{ field: `${place}.${id}`, number }];
  });

async function mustKnowFiles(services: Services, caller: Caller, act: Act): Promise<void> {
  const faults: Fault[] = [];
  for (const [index, { file }] of evidenceOf(act).entries())
    if (file !== null && (await seeFile(services, caller, file)) === null)
      faults.push({
        in: 'body',
        path: `act.evidence[${index}].file`,
        code: 'unknown-file',
        zh: `没有文件 ${file}，请先上传`,
        en: `there is no file ${file}: upload it first`,
      });
  if (faults.length > 0) throw new Problem('invalid-request', { errors: faults });
}

async function mustHaveRoom({ store, county, room }: Services, { process, files }: EvidenceClaim): Promise<void> {
  if (files.length === 0 || (await campaignBytes(store.db, county, process, files)) <= room.campaign) return;
  const most = Math.round(room.campaign / 1024 / 1024);
  throw new Problem('storage-full', {
    zh: `这项工作的证明材料已到上限（${most} MB）`,
    en: `the files that are evidence in this campaign have reached their limit (${most} MB)`,
  });
}

function used(definition: Definition, { field, number }: { readonly field: string; readonly number: string }): Problem {
  const [section = '', element = '', id = ''] = field.split('.');
  const owner = section === 'papers' ? definition.papers[element] : definition.duties[element];
  const title = owner?.fields.find((one) => one.id === id)?.title ?? '';
  const of = `${owner?.title ?? element}${title === '' ? '' : `·${title}`}`;
  const zh = `“${of}”的编号 ${number} 已经用过，每个编号只能用一次`;
  const en = `number ${number} of '${element}.${id}' was used before: each is good once`;
  return new Problem('act-refused', { zh, en, members: { refusal: { code: 'serial-used', zh, en, params: { field, number } } } });
}
