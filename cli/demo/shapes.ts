import { z } from 'zod';
import { REASONS, TEMPERS } from '../../rehearsal/bank/bank.js';

/* What a scenario file may say (docs/adr/0070, 0132). */

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
const moment = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/);
const value = z.union([z.string(), z.number(), z.boolean()]);
const values = z.record(z.string(), value);
const place = z.strictObject({ level: z.string(), name: z.string().min(1) });
/** Where a role is held: at the top unit, the launching unit, each area, each village or each branch of the bank. */
const where = z.enum(['top', 'root', 'areas', 'villages', 'branches']);
const login = z.string().regex(/^[a-z][a-z0-9-]{1,40}$/);
const holder = z.strictObject({ login, name: z.string().min(1), at: where, roles: z.array(z.string()).min(1) });
const evidence = z.array(z.strictObject({ paper: z.string(), fields: values }));

const act = z.strictObject({
  duty: z.string(),
  by: login,
  /** So many units in all have done it then, in the order of the lot; absent: all. */
  unitsInAll: z.int().min(1).optional(),
  /** Only what is due by this day. */
  dueBy: day.optional(),
  items: z.array(z.string()).optional(),
  /** `$round` and `$failed` stand for the last round of the deduction and how many of the unit failed in it. */
  answer: values.optional(),
  nil: z.boolean().optional(),
  evidence: evidence.optional(),
});

const caseAct = z.strictObject({
  case: z.string(),
  in: z.array(z.string()).min(1),
  act: z.string(),
  /** Each signs. */
  by: z.array(login).min(1),
  /** Only of persons whose account the bank answered so last. */
  said: z.array(z.enum(REASONS)).optional(),
  /** Of a hundred persons so many, by a lot that stays the same for all acts. */
  share: z.int().min(1).max(100).optional(),
  /** What the person has done at the bank before. `left`: yuan that stay when the contribution is taken. `holder: own`: the account bears the person's name. */
  atBank: z
    .strictObject({ left: z.int().min(0).optional(), temper: z.enum(TEMPERS).optional(), holder: z.literal('own').optional() })
    .optional(),
  /** `$balance` stands for the balance of the account, in fen. */
  answer: values.optional(),
  reason: z.string().optional(),
  evidence: evidence.optional(),
});

const yes = z.literal(true).optional();
const step = z.strictObject({
  at: moment,
  /** So many have paid in all by then. */
  paidInAll: z.int().min(0).optional(),
  /** The offices certify the persons of `groups`. */
  certify: yes,
  /** The townships enter them. */
  enter: z.strictObject({ by: login }).optional(),
  /** The bank's list of what stands on the accounts. */
  deposits: z.strictObject({ by: login }).optional(),
  /** A round is made, confirmed, and its request handed to the bank. */
  round: yes,
  /** The bank answers the request; its return is handed in. */
  answer: yes,
  /** The bank adds what it left open. */
  supplement: yes,
  /** The bank's money for the last round has come. */
  clear: yes,
  /** Refunds that wait are settled so by two people. */
  refunds: z.strictObject({ choice: z.enum(['paid', 'credited']), reason: z.string() }).optional(),
  cases: z.array(caseAct).optional(),
  acts: z.array(act).optional(),
});

const account = z.strictObject({
  persons: z.int().min(1),
  left: z.int().optional(),
  temper: z.enum(TEMPERS).optional(),
  /** The account bears another name than the county's list. */
  holder: z.literal('other').optional(),
});

/** The invented bank of a deduction. `left`: yuan that stay on an account when the contribution is taken; below 0: so much is missing. */
const bank = z.strictObject({
  deduction: z.string(),
  request: z.string(),
  return: z.string(),
  /** Table of the bank's codes. */
  codes: z.string(),
  title: z.string(),
  /** Has rounds made and hands returns in. */
  by: login,
  /** Confirms rounds and records the money. */
  confirm: login,
  keepsAboveZero: z.boolean(),
  left: z.int().min(0),
  accounts: z.array(account),
});

/** The file that tells a demonstration: a definition, a tree of units, invented people, and dated steps. */
export const scenarioShape = z.strictObject({
  definition: z.string(),
  year: z.int(),
  asOf: moment,
  /** Played up to here when it is set up. */
  playTo: moment.optional(),
  seed: z.string(),
  /** The top unit of a Duban that is new; in one that has a demonstration already, the launching unit comes under the top unit that is there. */
  top: place,
  root: place,
  areas: z.strictObject({ level: z.string(), names: z.array(z.string().min(1)).min(1) }),
  villages: z.strictObject({
    level: z.string(),
    file: z.string(),
    columns: z.strictObject({ name: z.string(), payers: z.string(), yuan: z.string() }),
  }),
  /** One for each area. */
  branches: z.strictObject({ level: z.string(), names: z.array(z.string().min(1)) }).optional(),
  tables: z.record(z.string(), z.string()),
  parameters: values,
  invented: z.strictObject({ areaCode: z.string().regex(/^\d{6}$/), bornFrom: day, bornTo: day }),
  payments: z.strictObject({ insurance: z.string(), channel: z.string(), means: z.string() }),
  bank: bank.optional(),
  /** Special groups, by the heading of the list of who certifies them. */
  groups: z.array(z.strictObject({ group: z.string(), by: login, persons: z.int().min(1) })).default([]),
  users: z.array(holder).min(1),
  /** Reads everything, changes nothing; given by the administrator, not by a file. */
  auditor: z.strictObject({ login, name: z.string().min(1) }).optional(),
  holders: z.array(holder),
  steps: z.array(step),
});

export type Where = z.infer<typeof where>;
export type Holder = z.infer<typeof holder>;
export type ScriptedAct = z.infer<typeof act>;
export type ScriptedCaseAct = z.infer<typeof caseAct>;
export type ScriptedBank = z.infer<typeof bank>;
export type Step = z.infer<typeof step>;
export type Values = z.infer<typeof values>;
