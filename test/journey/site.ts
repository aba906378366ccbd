import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { loadSettings } from '../../server/config.js';
import * as runtime from '../../server/runtime/index.js';
import { As } from '../api/support/client.js';
import { compile } from '../support/runtime.js';

export const PARTS = ['worker', 'api', 'engine', 'database'] as const;
export type KilledPart = (typeof PARTS)[number];

/** A home beside the run's own, with the same note of its owner: a run that was killed is cleared away by the next. */
function newHome(): { readonly paths: runtime.Paths; readonly settings: ReturnType<typeof loadSettings> } {
  const home = join(dirname(process.env['DUBAN_TEST_HOME'] ?? ''), `k${process.pid}-${Date.now().toString(36)}${(homes += 1)}`);
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'owner.json'), JSON.stringify(runtime.markOf(process.pid) ?? { pid: process.pid, token: null }));
  const binary = process.env['TEMPORAL_SERVER_BINARY'];
  return {
    paths: { ...runtime.pathsOf(home), secretsFile: join(home, 'secrets.json') },
    settings: loadSettings(binary === undefined ? {} : { TEMPORAL_SERVER_BINARY: binary }, join(home, 'no-temporal.yaml')),
  };
}
let homes = 0;

/** A whole Duban in a home of its own, brought up as `duban up` does it, so that every part of it can be killed. */
export class Site {
  private constructor(
    private readonly paths: runtime.Paths,
    private readonly settings: ReturnType<typeof loadSettings>,
    private running: runtime.Running,
  ) {}

  static async open(): Promise<Site> {
    const { paths, settings } = newHome();
    compile(paths.root);
    return new Site(paths, settings, await runtime.up({ paths, settings, say: runtime.saySilently }));
  }

  /** Another home into which a backup is restored, as `duban restore` and `duban up` do it. `engineOf`: it finds the engine's data of this stopped site. */
  static async restored(
    folder: string,
    engineOf: Site | null = null,
  ): Promise<{ readonly site: Site; readonly restored: Awaited<ReturnType<typeof runtime.restore>> }> {
    // prettier-ignore
    const { paths, settings } = newHome();
    if (engineOf !== null) cpSync(engineOf.paths.engine, paths.engine, { recursive: true });
    const restored = await runtime.restore(folder, { paths, settings, say: runtime.saySilently }).catch((error: unknown) => {
      if (runtime.standing(paths).running.length > 0) throw new Error('a refused restore leaves something running', { cause: error });
      runtime.removeDatabase(paths);
      rmSync(paths.home, { recursive: true, force: true });
      throw error;
    });
    return { site: new Site(paths, settings, await runtime.up({ paths, settings, say: runtime.saySilently })), restored };
  }

  backup(folder: string): ReturnType<typeof runtime.backup> {
    return runtime.backup(folder, { paths: this.paths, settings: this.settings, say: runtime.saySilently });
  }
  /** As `duban restore` on the site itself. */
  restoreHere(folder: string): ReturnType<typeof runtime.restore> {
    return runtime.restore(folder, { paths: this.paths, settings: this.settings, say: runtime.saySilently });
  }
  async stop(): Promise<void> {
    await runtime.down({ paths: this.paths, say: runtime.saySilently });
  }

  get url(): string {
    return this.running.apiUrl;
  }
  /** A further worker and API on this site's database and engine, in a home of their own, as on another machine. */
  async another(name: string): Promise<Site> {
    const home = `${this.paths.home}-${name}`;
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'owner.json'), JSON.stringify(runtime.markOf(process.pid) ?? { pid: process.pid, token: null }));
    const paths = { ...runtime.pathsOf(home), secretsFile: this.paths.secretsFile };
    const { database, engineAddress } = this.running;
    const settings = loadSettings({ DATABASE_URL: database.url, TEMPORAL_ADDRESS: engineAddress }, join(home, 'no-temporal.yaml'));
    const site = new Site(paths, settings, await runtime.up({ paths, settings, say: runtime.saySilently }));
    if (site.running.started.some((part) => part === 'database' || part === 'engine')) throw new Error('it brought more than services');
    return site;
  }

  get nobody(): As {
    return new As(this.url, null);
  }
  get operator(): As {
    return new As(this.url, runtime.readOperatorToken(this.paths.secretsFile));
  }

  /** `kill -9`, at once. */
  async kill(part: KilledPart): Promise<void> {
    const mark = runtime.readRunState(this.paths)[part];
    if (mark === undefined) throw new Error(`no ${part} runs`);
    if (!(await runtime.stopProcess(mark, { signal: 'SIGKILL' }))) throw new Error(`the ${part} was gone already`);
  }

  /** `duban up` again: what is missing is started. */
  async start(): Promise<void> {
    this.running = await runtime.up({ paths: this.paths, settings: this.settings, say: runtime.saySilently });
    for (let looks = 0; !(await runtime.isReady(this.url)); looks += 1) {
      if (looks > 300) throw new Error('the API does not become ready again');
      await sleep(100);
    }
  }

  async rows(sql: string, values: readonly unknown[] = []): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const client = new pg.Client({ connectionString: this.running.database.url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql, [...values])).rows;
    } finally {
      await client.end();
    }
  }

  async close(): Promise<void> {
    await runtime.down({ paths: this.paths, say: runtime.saySilently });
    runtime.removeDatabase(this.paths);
    if (process.env['DUBAN_KEEP_LOGS'] !== '1') rmSync(this.paths.home, { recursive: true, force: true });
  }
}
