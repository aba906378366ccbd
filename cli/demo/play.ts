import type { Client } from '../client.js';
import type { Context } from '../context.js';
import { listOf } from '../pages.js';
import { obligationRow } from '../verbs/obligations.js';
import { moveWorld, readWorld, waitQuiet, type World } from '../worlds.js';
import { accountOf, importWhole } from './start.js';
import { enter } from './accounts.js';
import { paymentsFile } from './files.js';
import type { KeptDemo } from './kept.js';
import { payDays } from './pace.js';
import { inventPayers, type Payer } from './payers.js';
import { Random } from './random.js';
import type { Scenario, ScriptedAct, Step } from './scenario.js';

const PATIENCE_SECONDS = 300;
/** Acts of one person sent at the same time. */
const AT_ONCE = 8;

interface Stage {
  readonly context: Context;
  readonly kept: KeptDemo;
  readonly scenario: Scenario;
  readonly admin: Client;
  /** Signed in once each. */
  readonly people: Map<string, Client>;
  readonly paying: ReadonlyMap<string, readonly Payer[]>;
}

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
  const stage: Stage = { context, kept, scenario, admin, people: new Map(), paying: payDays(payers, arrivals, kept.seed) };
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

const passwordsOf = (kept: KeptDemo): ReadonlyMap<string, string> => new Map(Object.entries(kept.passwords));

async function as(stage: Stage, login: string): Promise<Client> {
  const known = stage.people.get(login);
  if (known !== undefined) return known;
  const client = await enter(stage.context.url, ...accountOf(passwordsOf(stage.kept), login));
  stage.people.set(login, client);
  return client;
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
  for (const [at, act] of (step.acts ?? []).entries()) await playAct(stage, act, `${key}-${at}`);
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
  const body = { act: { kind: 'done', items, answer, nil, evidence } };
  for (let from = 0; from < chosen.length; from += AT_ONCE) {
    await Promise.all(
      chosen.slice(from, from + AT_ONCE).map((row) => {
        const path = row.id.split('/').map(encodeURIComponent).join('/');
        return client.post(`/obligations/${row.campaign}/${path}/acts`, body, { headers: { 'idempotency-key': `${key}-${row.id}` } });
      }),
    );
  }
}

/** The villages in the order of their lot: the same for every duty and step. */
export function lotOf(scenario: Scenario, seed: string): readonly string[] {
  return new Random(seed, 'units').shuffled(scenario.rows.map(({ name }) => name));
}
