import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Client } from './client.js';
import { EXIT, Failure, wrongUsage } from './failure.js';
import { readSession } from './session.js';
import { say, type Both, type Language } from './texts.js';

/** Where the command runs: everything it takes from the outside. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly out: { write(text: string | Uint8Array): unknown };
  readonly err: { write(text: string): unknown };
  /** A person watches standard error: progress bars make sense. */
  readonly watched: boolean;
  /** Reads one line without showing it (passwords); null at the end of input. */
  readonly ask: (prompt: string) => Promise<string | null>;
}

/** Options that stand on every verb. */
export interface Common {
  readonly json?: boolean;
  readonly lang?: Language;
  readonly url?: string;
  readonly key?: string;
  readonly dryRun?: boolean;
}

/** What a verb works with: the API, and one way of printing. */
export class Context {
  readonly language: Language;
  readonly asJson: boolean;
  readonly dryRun: boolean;
  private opened: Client | null = null;

  constructor(
    readonly around: Surroundings,
    private readonly common: Common,
  ) {
    this.language = common.lang ?? 'both';
    this.asJson = common.json === true;
    this.dryRun = common.dryRun === true;
  }

  /** `.duban` of the checkout, or what DUBAN_HOME names. */
  get home(): string {
    return resolve(this.around.cwd, this.around.env['DUBAN_HOME'] ?? '.duban');
  }

  /** Address of the API: --url, DUBAN_API_URL, the session's, else the running Duban of this home. Error: `not-running`. */
  get url(): string {
    const set = this.common.url ?? this.around.env['DUBAN_API_URL'];
    const url = set !== undefined && set !== '' ? set : (runningAddress(this.home) ?? readSession(this.home)?.url);
    if (url === undefined) {
      throw new Failure(
        EXIT.unreachable,
        'not-running',
        both('这里没有运行督办。', 'Duban is not running here.'),
        both('启动：npx duban up', 'Start it: npx duban up'),
      );
    }
    if (!URL.canParse(url)) throw wrongUsage('bad-address', `地址不对：${url}`, `Not an address: ${url}`);
    return url;
  }

  /** The API as the user of DUBAN_TOKEN or of the stored session. A session of another address is not sent there. */
  get api(): Client {
    if (this.opened === null) {
      const { url } = this;
      const session = readSession(this.home);
      const token = this.around.env['DUBAN_TOKEN'] ?? (session !== null && session.url === url ? session.token : null);
      this.opened = new Client(url, token, ...(this.common.key === undefined ? [] : [this.common.key]));
    }
    return this.opened;
  }

  /** The API as somebody else; used by `login` and by the demonstration. */
  clientFor(token: string | null): Client {
    return new Client(this.url, token);
  }

  say(zh: string, en: string): void {
    if (!this.asJson) this.around.out.write(`${say({ zh, en }, this.language)}\n`);
  }

  /** Text for people, nothing with `--json`. */
  text(text: string): void {
    if (!this.asJson) this.around.out.write(text);
  }

  /** The verb's result: JSON as it is, or what `forPeople` makes of it. */
  result(value: unknown, forPeople: () => string): void {
    this.around.out.write(this.asJson ? `${JSON.stringify(value, null, 2)}\n` : forPeople());
  }

  file(path: string): string {
    return resolve(this.around.cwd, path);
  }
}

const both = (zh: string, en: string): Both => ({ zh, en });

/** The address that `npx duban up` noted in this home; whether it still answers shows at the first call. */
function runningAddress(home: string): string | null {
  try {
    const state: unknown = JSON.parse(readFileSync(join(home, 'run.json'), 'utf8'));
    const api: unknown = typeof state === 'object' && state !== null ? Reflect.get(state, 'api') : null;
    const url: unknown = typeof api === 'object' && api !== null ? Reflect.get(api, 'url') : null;
    return typeof url === 'string' ? url : null;
  } catch {
    return null;
  }
}
