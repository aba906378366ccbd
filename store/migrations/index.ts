import type { Migration } from 'kysely';
import * as initial from './0001_initial.js';
import * as evidence from './0002_evidence.js';
import * as rows from './0003_rows.js';
import * as ledger from './0004_ledger.js';
import * as reports from './0005_reports.js';
import * as keys from './0006_keys.js';
import * as housekeeping from './0007_housekeeping.js';
import * as roster from './0008_roster.js';
import * as cycle from './0009_cycle.js';
import * as cases from './0010_cases.js';
import * as references from './0011_references.js';
import * as settlementEvidence from './0012_settlement_evidence.js';
import * as caseStates from './0013_case_states.js';
import * as orderProgress from './0014_order_progress.js';
import * as statementChecks from './0015_statement_checks.js';
import * as balanceInOnePass from './0016_balance_in_one_pass.js';
import * as openAnswers from './0017_open_answers.js';

/** Every migration by name, in order. A landed one is never edited: a change is the next one. */
export const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001_initial': initial,
  '0002_evidence': evidence,
  '0003_rows': rows,
  '0004_ledger': ledger,
  '0005_reports': reports,
  '0006_keys': keys,
  '0007_housekeeping': housekeeping,
  '0008_roster': roster,
  '0009_cycle': cycle,
  '0010_cases': cases,
  '0011_references': references,
  '0012_settlement_evidence': settlementEvidence,
  '0013_case_states': caseStates,
  '0014_order_progress': orderProgress,
  '0015_statement_checks': statementChecks,
  '0016_balance_in_one_pass': balanceInOnePass,
  '0017_open_answers': openAnswers,
};
