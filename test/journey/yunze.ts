import { z } from 'zod';
import { As } from '../api/support/client.js';
import { addUnit, newPassword, type Stage } from '../api/support/stage.js';
import { bodyOf, launch, release, type Launched } from '../support/http.js';
import { Site } from './site.js';
import { employ, type Staff } from './staff.js';
import { yearOf, type Places, type Step } from './year.js';

/** The invented county of Yunze on a Duban of its own: offices, people who are signed in, its definition released, its year as a script. */
export class Yunze {
  private constructor(
    readonly site: Site,
    private readonly staff: Staff,
    private readonly token: string | null,
    private readonly places: Places,
    readonly steps: readonly Step[],
  ) {}

  static async open(): Promise<Yunze> {
    const site = await Site.open();
    const set = await site.operator.post('/setup', { county: '春和县', administrator: { login: 'admin', name: '管理员' } });
    const { unit: top, firstPassword } = bodyOf(set, z.object({ unit: z.string(), firstPassword: z.string() }), 201);
    const admin = await newPassword(site.nobody, 'admin', firstPassword);
    const on: Pick<Stage, 'admin' | 'nobody'> = { admin, nobody: site.nobody };
    const county = await addUnit(on, 'county', top, '云泽县');
    const [west, east] = [await addUnit(on, 'quarter', county, '城关'), await addUnit(on, 'quarter', county, '河东')];
    const places = {
      云泽县: county,
      城关: west,
      河东: east,
      柳林: await addUnit(on, 'community', west, '柳林'),
      石桥: await addUnit(on, 'community', west, '石桥'),
      东湾: await addUnit(on, 'community', east, '东湾'),
    };
    await release(admin, 'test/definitions/third-county.yaml');
    const staff = await employ(on, 'yunze-medical', [
      { login: 'office', at: { 云泽县: ['medicalOffice', 'treasury'] } },
      { login: 'head', at: { 云泽县: ['countyHead'] } },
      { login: 'chief-w', at: { 城关: ['quarterChief'] } },
      { login: 'chief-e', at: { 河东: ['quarterChief'] } },
      { login: 'steward-l', at: { 柳林: ['steward'] } },
      { login: 'steward-d', at: { 石桥: ['steward'], 东湾: ['steward'] } },
    ]);
    return new Yunze(site, staff, admin.token, places, yearOf(places));
  }

  /** Signed in once; the address may change when everything is started again, and elsewhere it is another. */
  asOn(site: Site): (login: string) => As {
    return (login) => new As(site.url, this.staff(login).token);
  }
  get as(): (login: string) => As {
    return this.asOn(this.site);
  }
  get admin(): As {
    return this.adminOn(this.site);
  }
  adminOn(site: Site): As {
    return new As(site.url, this.token);
  }

  launched(): Promise<Launched> {
    return launch(this.as('office'), {
      definition: 'yunze-medical',
      year: 2021,
      root: this.places['云泽县'] ?? '',
      parameters: { visitEvery: '15d' },
      asOf: '2021-09-01T08:00:00',
    });
  }
}
