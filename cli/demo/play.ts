import type { Context } from '../context.js';
import { listOf } from '../pages.js';
import { obligationRow } from '../verbs/obligations.js';
import { moveWorld, readWorld, waitQuiet, type World } from '../worlds.js';
import { enter } from './accounts.js';
import { lastFailures, playBankSteps } from './bank-steps.js';
import { groupsFile, inventBanked } from './banked.js';
import { filled, playCaseActs } from './case-acts.js';
import { paymentsFile } from './files.js';
import type { KeptDemo } from './kept.js';
import { payDays } from './pace.js';
import { inventPayers } from './payers.js';
import { Random } from './random.js';
import type { Scenario } from './scenario.js';
import type { ScriptedAct, Step } from './shapes.js';
import { as, forEach, passwordsOf, PATIENCE_SECONDS, type Stage } from './stage.js';
import { accountOf, importWhole, type StartedDemo } from './start.js';

/**
 * Plays the story up to a moment: moves the clock to each step, then does what it says. Keys are made of campaign and step, so that a play that broke
 * off is simply played again.
 */
export async function playDemo(context: Context, kept: KeptDemo, scenario: Scenario, to: string): Promise<World> {
  const admin = await enter(context.url, ...accountOf(passwordsOf(kept), kept.admin));
  const payers = inventPayers(scenario.rows, scenario.invented, kept.seed);
  const arrivals = scenario.steps.flatMap((step) =>
    step.paidInAll === undefined ? [] : [{ on: step.at.slice(0, 10), paidInAll: step.paidInAll }],
  );
  const banked = scenario.bank === undefined ? [] : inventBanked(scenario, scenario.bank, payers, kept.seed);
  const stage: Stage = { context, kept, scenario, admin, signedIn: new Map(), paying: payDays(payers, arrivals, kept.seed), banked };
  const end = to.includes('T') ? to : `${to}T23:59:59`;
  const { now } = await readWorld(admin, kept.world);
  // A step at which the clock stands may have been broken off: it is played again.
  for (const [index, step] of scenario.steps.entries()) {
    if (step.at < now || step.at > end) continue;
    context.around.err.write(`${step.at.replace('T', ' ')}\n`);
    if (step.at > now) await moveWorld(admin, kept.world, step.at, PATIENCE_SECONDS);
    await playStep(stage, step, index);
  }
  const reached = await readWorld(admin, kept.world);
  return reached.now < end ? moveWorld(admin, kept.world, to, PATIENCE_SECONDS) : reached;
}

/** Plays a story up to where it is handed to the user, unless the clock stands there or further. A start that broke off goes on here. */
export async function playToStart(context: Context, { kept, scenario }: StartedDemo): Promise<void> {
  const { playTo } = scenario;
  if (playTo === undefined) return;
  const admin = await enter(context.url, ...accountOf(passwordsOf(kept), kept.admin));
  if ((await readWorld(admin, kept.world)).now < playTo) await playDemo(context, kept, scenario, playTo);
}

async function playStep(stage: Stage, step: Step, index: number): Promise<void> {
  const { kept, scenario, paying } = stage;
  const on = step.at.slice(0, 10);
  const key = `demo-${kept.campaign}-${index}`;
  const paid = step.paidInAll === undefined ? [] : (paying.get(on) ?? []);
  if (paid.length > 0) {
    const leader = await as(stage, scenario.users[0]?.login ?? kept.admin);
    await importWhole(leader, { kind: 'payments', campaign: kept.campaign, ...paymentsFile(scenario, on, paid), key: `${key}-payments` });
    await waitQuiet(stage.admin, kept.world, PATIENCE_SECONDS);
  }
  if (step.certify) await certify(stage, key);
  if (step.enter !== undefined) await enterGroups(stage, step.enter.by, key);
  if (scenario.bank !== undefined) {
    await playBankSteps(stage, scenario.bank, step, key);
    await playCaseActs(stage, scenario.bank, step.cases ?? [], key);
  }
  for (const [at, act] of (step.acts ?? []).entries()) await playAct(stage, act, `${key}-${at}`);
}

/** Each office certifies the persons of its groups. */
async function certify(stage: Stage, key: string): Promise<void> {
  for (const [at, { group, by }] of stage.scenario.groups.entries()) {
    const file = groupsFile(
      `identities-${at}.csv`,
      stage.banked.filter((person) => person.group === group),
    );
    await importWhole(await as(stage, by), { kind: 'identities', campaign: stage.kept.campaign, ...file, key: `${key}-certify-${at}` });
  }
}

async function enterGroups(stage: Stage, by: string, key: string): Promise<void> {
  const file = groupsFile('entries.csv', stage.banked);
  await importWhole(await as(stage, by), { kind: 'identityEntries', campaign: stage.kept.campaign, ...file, key: `${key}-entries` });
}

/** Does the duty for the first units of the lot, as many in all as the story says; what is done already is not open any more. */
async function playAct(stage: Stage, act: ScriptedAct, key: string): Promise<void> {
  const client = await as(stage, act.by);
  const { items, answer, nil, evidence, dueBy, duty } = act;
  const listed = await listOf(
    client,
    '/obligations',
    obligationRow,
    { campaign: stage.kept.campaign, duty, status: 'open', mine: 'true', dueBy },
    true,
  );
  const first = act.unitsInAll === undefined ? null : new Set(lotOf(stage.scenario, stage.kept.seed).slice(0, act.unitsInAll));
  const chosen = listed.items.filter((row) => first === null || first.has(row.unitName));
  const { bank } = stage.scenario;
  const asked = bank !== undefined && JSON.stringify([answer, evidence]).includes('"$');
  const last = asked ? await lastFailures(stage, bank) : null;
  await forEach(chosen, (row) => {
    const known: Readonly<Record<string, number>> = last === null ? {} : { round: last.round, failed: last.failed.get(row.unitName) ?? 0 };
    const body = {
      act: {
        kind: 'done',
        items,
        answer: answer === undefined ? undefined : filled(answer, known),
        nil,
        evidence: evidence?.map(({ paper, fields }) => ({ paper, fields: filled(fields, known) })),
      },
    };
    const path = row.id.split('/').map(encodeURIComponent).join('/');
    return client.post(`/obligations/${row.campaign}/${path}/acts`, body, { headers: { 'idempotency-key': `${key}-${row.id}` } });
  });
}

/** The villages in the order of their lot: the same for every duty and step. */
function lotOf(scenario: Scenario, seed: string): readonly string[] {
  return new Random(seed, 'units').shuffled(scenario.rows.map(({ name }) => name));
}
