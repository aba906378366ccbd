import { openStore, type Store } from '../../../store/connection.js';
import { readOperatorToken } from '../../../server/runtime/index.js';
import { freshEnvironment, startApi, startWorker, type TestService } from '../../support/runtime.js';
import { As, type Answer } from './client.js';

export const PASSWORD = 'korrekte-batterie-7';

/** An API of its own over a database of its own, set up with a county, two towns and their people. */
export interface Stage {
  readonly url: string;
  readonly store: Store;
  /** The owner's URL. */
  readonly adminUrl: string;
  readonly nobody: As;
  readonly operator: As;
  readonly admin: As;
  readonly top: string;
  readonly adminId: string;
  stop(): Promise<void>;
}

/** `env`: what its services are told besides. */
export async function stage(options: { readonly worker?: boolean; readonly env?: NodeJS.ProcessEnv } = {}): Promise<Stage> {
  const { env: own, database } = await freshEnvironment();
  const env = { ...own, ...options.env };
  const services: TestService[] = [await startApi(env)];
  if (options.worker === true) services.push(await startWorker(env));
  const url = services[0]?.url ?? '';
  const store = openStore(database.url, 2);
  const operator = new As(url, readOperatorToken(env['DUBAN_SECRETS_FILE'] ?? ''));
  const nobody = new As(url, null);
  const setup = await operator.post('/setup', { county: '春和县', administrator: { login: 'admin', name: '管理员' } });
  expectStatus(setup, 201);
  const admin = await newPassword(nobody, 'admin', setup.body.at('firstPassword').text);
  return {
    url,
    store,
    adminUrl: database.adminUrl,
    nobody,
    operator,
    admin,
    top: setup.body.at('unit').text,
    adminId: setup.body.at('user').text,
    stop: async () => {
      await Promise.all(services.map((service) => service.stop()));
      await store.close();
      await database.drop();
    },
  };
}

export function expectStatus(answer: Answer, status: number): void {
  if (answer.status !== status) throw new Error(`expected ${status}, got ${answer.status}: ${JSON.stringify(answer.body.value)}`);
}

export async function signIn(nobody: As, login: string, password: string): Promise<As> {
  const answer = await nobody.post('/sessions', { login, password });
  expectStatus(answer, 201);
  return new As(nobody.url, answer.body.at('token').text);
}

/** Signs in with a first password and changes it, as everybody must. */
export async function newPassword(nobody: As, login: string, first: string): Promise<As> {
  const user = await signIn(nobody, login, first);
  expectStatus(await user.post('/users/me/password', { old: first, new: PASSWORD }), 204);
  return user;
}

export async function addUnit(on: Pick<Stage, 'admin'>, level: string, parent: string, name: string): Promise<string> {
  const answer = await on.admin.post('/units', { level, parent, name });
  expectStatus(answer, 201);
  return answer.body.at('id').text;
}

/** An account that holds roles, signed in. */
export async function addPerson(
  on: Stage,
  login: string,
  ...held: readonly { role: string; unit: string }[]
): Promise<{ id: string; as: As }> {
  const added = await on.admin.post('/users', { login, name: `人员${login}` });
  expectStatus(added, 201);
  const id = added.body.at('id').text;
  for (const holding of held) expectStatus(await on.admin.post(`/users/${id}/holdings`, holding), 201);
  return { id, as: await newPassword(on.nobody, login, added.body.at('firstPassword').text) };
}
