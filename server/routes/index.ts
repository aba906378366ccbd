import type { Route } from '../http/route.js';
import { campaignRoutes } from './campaigns.js';
import { definitionRoutes } from './definitions.js';
import { holdingRoutes } from './holdings.js';
import { meRoutes } from './me.js';
import { obligationGet, obligationRoutes } from './obligations.js';
import { reportRoutes } from './reports.js';
import { sessionRoutes } from './sessions.js';
import { setupRoutes } from './setup.js';
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
  ...obligationRoutes,
  ...whyRoutes,
  obligationGet,
  ...worldRoutes,
  ...reportRoutes,
];
