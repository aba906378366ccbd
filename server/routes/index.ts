import type { Route } from '../http/route.js';
import { boardRoutes } from './board.js';
import { calendarRoutes } from './calendar.js';
import { campaignRoutes } from './campaigns.js';
import { caseRoutes } from './cases.js';
import { deductionActRoutes } from './deduction-acts.js';
import { deductionLineRoutes } from './deduction-lines.js';
import { deductionOrderRoutes } from './deduction-orders.js';
import { deductionPersonRoutes } from './deduction-persons.js';
import { deductionRoutes } from './deductions.js';
import { definitionRoutes } from './definitions.js';
import { figureRoutes } from './figures.js';
import { fileRoutes } from './files.js';
import { holdingRoutes } from './holdings.js';
import { importRoutes } from './imports.js';
import { ledgerRoutes } from './ledger.js';
import { meRoutes } from './me.js';
import { moneyRoutes } from './money.js';
import { noticeRoutes } from './notices.js';
import { obligationList } from './obligation-list.js';
import { obligationGet, obligationRoutes } from './obligations.js';
import { receiptRoutes } from './receipts.js';
import { reportRoutes } from './reports.js';
import { rosterActRoutes } from './roster-acts.js';
import { rosterRoutes } from './roster.js';
import { operationRoutes } from './operations.js';
import { peopleRoutes } from './people.js';
import { sessionRoutes } from './sessions.js';
import { setupRoutes } from './setup.js';
import { suspenseRoutes } from './suspense.js';
import { tableRoutes } from './tables.js';
import { unitRoutes } from './units.js';
import { userRoutes } from './users.js';
import { whyRoutes } from './why.js';
import { worldRoutes } from './worlds.js';

/** Every route of the API, in the order in which they are tried: `/users/me` before `/users/{user}`, longer paths before `{id...}`. */
export const allRoutes: readonly Route[] = [
  ...setupRoutes,
  ...sessionRoutes,
  ...meRoutes,
  ...userRoutes,
  ...holdingRoutes,
  ...unitRoutes,
  ...definitionRoutes,
  ...campaignRoutes,
  ...boardRoutes,
  ...calendarRoutes,
  ...tableRoutes,
  obligationList,
  ...obligationRoutes,
  ...whyRoutes,
  obligationGet,
  ...caseRoutes,
  ...fileRoutes,
  ...figureRoutes,
  ...moneyRoutes,
  ...suspenseRoutes,
  ...receiptRoutes,
  ...deductionRoutes,
  ...deductionLineRoutes,
  ...deductionPersonRoutes,
  ...deductionOrderRoutes,
  ...deductionActRoutes,
  ...ledgerRoutes,
  ...peopleRoutes,
  ...rosterRoutes,
  ...rosterActRoutes,
  ...importRoutes,
  ...noticeRoutes,
  ...worldRoutes,
  ...operationRoutes,
  ...reportRoutes,
];
