import { setTimeout as sleep } from 'node:timers/promises';
import type { Moment } from '../domain/model/ids.js';
import { tell, type Figure } from './figures.js';
import { withCounty } from './support/launched.js';

/* Resident memory of worker and API: just started, after the launch of a county, and after its first month. */
const SETTLE_MS = 2_000;

process.exitCode = await withCounty(async ({ stage, id, worker, api, launch }) => {
  const look = async (when: string): Promise<readonly Figure[]> => {
    await sleep(SETTLE_MS);
    return [
      { name: `worker, ${when}`, service: worker },
      { name: `API, ${when}`, service: api },
    ].map(({ name, service }) => ({ name, value: service.residentMb(), unit: 'MB', bound: null, samples: 1, detail: 'resident memory' }));
  };
  const started = await look('started');
  const process = await launch('2020-01-01T09:00:00');
  const afterLaunch = await look('after the launch of a county');
  await stage.messages.advance(id, process, '2020-02-10T00:00:00' as Moment);
  return tell([...started, ...afterLaunch, ...(await look('after its first month'))]);
});
