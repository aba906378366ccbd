import { z } from 'zod';
import { addFen, fen } from '../../domain/money/fen.js';
import type { Reason, RehearsalBank } from '../../rehearsal/bank/bank.js';
import { listOf } from '../pages.js';
import { caseRow } from '../verbs/cases.js';
import type { Banked } from './banked.js';
import { Counter } from './counter.js';
import { Random } from './random.js';
import type { ScriptedBank, ScriptedCaseAct, Values } from './shapes.js';
import { as, forEach, type Stage } from './stage.js';

const rosterRow = z.object({ due: z.string(), idNumber: z.string().nullable(), amount: z.number() });
const REASON = '演示：督促缴费时核对账户';
const HUNDRED = 100;
type PeopleByDue = ReadonlyMap<string, { readonly person: Banked; readonly amount: number }>;

/** Acts on cases, each at first by the person at the bank, then by the offices. Persons are chosen by lot, so that a play that broke off chooses the same again. */
export async function playCaseActs(stage: Stage, bank: ScriptedBank, acts: readonly ScriptedCaseAct[], key: string): Promise<void> {
  if (acts.length === 0) return;
  const counter = new Counter(stage.context, stage.scenario, bank);
  const people = await peopleByDue(stage, bank.confirm);
  for (const [at, act] of acts.entries()) await playOne(stage, counter, people, act, `${key}-case-${at}`);
}

async function playOne(stage: Stage, counter: Counter, people: PeopleByDue, act: ScriptedCaseAct, key: string): Promise<void> {
  const { campaign, seed } = stage.kept;
  const office = await as(stage, act.by[0] ?? '');
  const listed = await listOf(office, '/cases', caseRow, { campaign, type: act.case, open: true }, true);
  const lot = ({ payer }: Banked): number => new Random(seed, `case ${payer.idNumber}`).below(HUNDRED);
  const chosen = await counter.withBook((bank) => {
    const said = lastSaid(bank);
    const fitting = listed.items.flatMap(({ id, state, dueId }) => {
      const one = people.get(dueId);
      if (one === undefined || !act.in.includes(state) || lot(one.person) >= (act.share ?? HUNDRED)) return [];
      const reason = said.get(one.person.opened.account) ?? null;
      return act.said !== undefined && (reason === null || !act.said.includes(reason)) ? [] : [{ id, ...one }];
    });
    return fitting.map(({ id, person, amount }) => ({ id, balance: visit(bank, person, amount, act.atBank) }));
  });
  for (const by of act.by) {
    const api = await as(stage, by);
    await forEach(chosen, ({ id, balance }) => {
      const known = { balance };
      const body = {
        act: act.act,
        ...(act.answer === undefined ? {} : { answer: filled(act.answer, known) }),
        ...(act.reason === undefined ? {} : { reason: act.reason }),
        ...(act.evidence === undefined
          ? {}
          : { evidence: act.evidence.map(({ paper, fields }) => ({ paper, fields: filled(fields, known) })) }),
      };
      const path = `/cases/${campaign}/${id.split('/').map(encodeURIComponent).join('/')}/acts`;
      return api.post(path, body, { headers: { 'idempotency-key': `${key}-${by}-${id}` } });
    });
  }
}

/** Puts what is known for `$name`. */
export const filled = (values: Values, known: Readonly<Record<string, number>>): Values =>
  Object.fromEntries(
    Object.entries(values).map(([id, value]) => [
      id,
      typeof value === 'string' && value.startsWith('$') ? (known[value.slice(1)] ?? value) : value,
    ]),
  );

/** What the bank said last about each account. */
function lastSaid(bank: RehearsalBank): ReadonlyMap<string, Reason | null> {
  const said = new Map<string, { on: string; reason: Reason | null }>();
  for (const { account, reason, on } of bank.answered()) if ((said.get(account)?.on ?? '') <= on) said.set(account, { on, reason });
  return new Map([...said].map(([account, { reason }]) => [account, reason]));
}

/** What the person has done at the counter; the balance after it, in fen. */
function visit(bank: RehearsalBank, { payer, opened }: Banked, amount: number, wanted: ScriptedCaseAct['atBank']): number {
  const before = bank.account(opened.account) ?? opened;
  if (wanted === undefined) return before.balance;
  const balance = wanted.left === undefined ? before.balance : addFen(fen(amount), fen(wanted.left * HUNDRED));
  bank.put({
    ...before,
    balance,
    temper: wanted.temper ?? before.temper,
    name: wanted.holder === 'own' ? payer.name : before.name,
  });
  return balance;
}

/** Persons by their due, read from the roster as the office reads it: in full, for a reason that the audit keeps. */
async function peopleByDue(
  stage: Stage,
  login: string,
): Promise<ReadonlyMap<string, { readonly person: Banked; readonly amount: number }>> {
  const byId = new Map(stage.banked.map((person) => [person.payer.idNumber, person]));
  const api = await as(stage, login);
  const { items } = await listOf(api, `/campaigns/${stage.kept.campaign}/roster`, rosterRow, { reason: REASON }, true);
  return new Map(
    items.flatMap(({ due, idNumber, amount }) => {
      const person = byId.get(idNumber ?? '');
      return person === undefined ? [] : [[due, { person, amount }] as const];
    }),
  );
}
