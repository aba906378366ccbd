import type { Register } from './run.js';
import { registerAccount, registerOffices } from './verbs/account.js';
import { registerBoard } from './verbs/board.js';
import { registerCalendar } from './verbs/calendar.js';
import { registerCampaigns } from './verbs/campaigns.js';
import { registerCases } from './verbs/cases.js';
import { registerDeductions } from './verbs/deductions.js';
import { registerDefinitions } from './verbs/definitions.js';
import { registerFormats } from './verbs/formats.js';
import { registerImports } from './verbs/imports.js';
import { registerLedger } from './verbs/ledger.js';
import { registerMoney } from './verbs/money.js';
import { registerNotices } from './verbs/notices.js';
import { registerObligations } from './verbs/obligations.js';
import { registerOffline } from './verbs/offline.js';
import { registerOperations } from './verbs/operations.js';
import { registerPeople } from './verbs/people.js';
import { registerReports } from './verbs/reports.js';
import { registerRoster } from './verbs/roster.js';
import { registerStart } from './verbs/start.js';
import { registerTables } from './verbs/tables.js';
import { registerTargets } from './verbs/targets.js';
import { registerWorlds } from './verbs/worlds.js';

/** Every verb that reads files or calls the API, in the order of the help page. */
export const registers: readonly Register[] = [
  registerStart,
  registerAccount,
  registerOffline,
  registerFormats,
  registerDefinitions,
  registerCampaigns,
  registerCalendar,
  registerTables,
  registerImports,
  registerTargets,
  registerObligations,
  registerCases,
  registerBoard,
  registerNotices,
  registerPeople,
  registerRoster,
  registerMoney,
  registerDeductions,
  registerLedger,
  registerReports,
  registerWorlds,
  registerOffices,
  registerOperations,
];
