import { z } from 'zod';
import type { ProcessId } from '../../domain/model/ids.js';
import { countyDefinition } from './county.js';
import { openOffice } from './office.js';
import { startService, type Service } from './services.js';
import { withStage, type Stage } from './stage.js';

const campaign = z.object({ id: z.string(), status: z.string() });

/** A county of 20 townships and 400 villages with its administrator, on the real worker and the real API. */
export interface County {
  readonly stage: Stage;
  /** The county's surrogate in the store. */
  readonly id: string;
  readonly worker: Service;
  readonly api: Service;
  /** Launches the year in a virtual world of its own, over the API; answered when it is recorded. */
  launch(asOf: string): Promise<ProcessId>;
}

export async function withCounty<T>(work: (county: County) => Promise<T>): Promise<T> {
  return withStage(async (stage) => {
    const services: Service[] = [];
    try {
      const worker = await startService('worker', stage.env);
      services.push(worker);
      const api = await startService('api', stage.env);
      services.push(api);
      const office = await openOffice(stage, api);
      await office.release();
      const launch = async (asOf: string): Promise<ProcessId> => {
        const wanted = { definition: countyDefinition().id, year: 2020, root: { unit: office.root }, asOf };
        return campaign.parse(await office.post('/campaigns', wanted)).id as ProcessId;
      };
      return await work({ stage, id: office.county, worker, api, launch });
    } finally {
      for (const service of services) await service.stop();
    }
  });
}
