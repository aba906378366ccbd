import { connect, createServer } from 'node:net';
import { RuntimeProblem } from './problem.js';
import { homeHash, type Paths } from './paths.js';

/** Every local port of one running Duban, all on 127.0.0.1. The engine has a service port and a membership port for each of its four services. */
export const PORT_NAMES = [
  'api',
  'worker',
  'database',
  'frontend',
  'history',
  'matching',
  'system',
  'frontendRing',
  'historyRing',
  'matchingRing',
  'systemRing',
] as const;
export type PortName = (typeof PORT_NAMES)[number];
export type Ports = Readonly<Record<PortName, number>>;

/** Ports that stop working when the named part is down, and must be free before it starts. */
export const PORTS_OF = {
  database: ['database'],
  engine: ['frontend', 'history', 'matching', 'system', 'frontendRing', 'historyRing', 'matchingRing', 'systemRing'],
  worker: ['worker'],
  api: ['api'],
} as const satisfies Record<string, readonly PortName[]>;

// Below the range from which systems hand out ports for outgoing connections, so that none is taken from us in passing.
const FIRST = 21_000;
const BLOCK = 16;
const BLOCKS = 640;

/** True when nobody listens on the port: nothing answers there, and we can bind it ourselves. */
export async function isFree(port: number): Promise<boolean> {
  return !(await answers(port)) && (await canBind(port));
}

function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const close = (answer: boolean): void => {
      socket.destroy();
      done(answer);
    };
    socket.once('connect', () => close(true));
    socket.once('error', () => close(false));
    socket.setTimeout(500, () => close(false));
  });
}

function canBind(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => done(true)));
  });
}

/** The names among `names` whose port somebody holds. */
export async function taken(ports: Ports, names: readonly PortName[]): Promise<PortName[]> {
  const free = await Promise.all(names.map((name) => isFree(ports[name])));
  return names.filter((_, index) => free[index] === false);
}

/**
 * Chooses the ports of this home: a block whose place follows from the home's path (so a checkout keeps its addresses, and two
 * checkouts get different ones), moved on while any of it is taken. Ports set by hand are used as they are; one that is
 * taken is refused, never replaced in silence.
 */
export async function choosePorts(paths: Paths, fixed: Partial<Ports>): Promise<Ports> {
  for (const name of PORT_NAMES) {
    const port = fixed[name];
    if (port !== undefined && !(await isFree(port))) throw portTaken(name, port);
  }
  const start = Number.parseInt(homeHash(paths).slice(0, 8), 16) % BLOCKS;
  for (let turn = 0; turn < BLOCKS; turn += 1) {
    const base = FIRST + ((start + turn) % BLOCKS) * BLOCK;
    const ports = block(base, fixed);
    const chosen = PORT_NAMES.filter((name) => fixed[name] === undefined);
    if ((await taken(ports, chosen)).length === 0) return ports;
  }
  throw new RuntimeProblem(
    'no-free-ports',
    `端口 ${FIRST} 到 ${FIRST + BLOCK * BLOCKS} 之间没有连续可用的一组。`,
    `No free block of ports between ${FIRST} and ${FIRST + BLOCK * BLOCKS}.`,
  );
}

function block(base: number, fixed: Partial<Ports>): Ports {
  const at = (name: PortName): number => fixed[name] ?? base + PORT_NAMES.indexOf(name);
  return {
    api: at('api'),
    worker: at('worker'),
    database: at('database'),
    frontend: at('frontend'),
    history: at('history'),
    matching: at('matching'),
    system: at('system'),
    frontendRing: at('frontendRing'),
    historyRing: at('historyRing'),
    matchingRing: at('matchingRing'),
    systemRing: at('systemRing'),
  };
}

export function portTaken(name: string, port: number): RuntimeProblem {
  return new RuntimeProblem(
    'port-taken',
    `端口 ${port}（${name}）已被别的程序占用。请停掉那个程序，或另设端口（环境变量 DUBAN_API_PORT、DUBAN_WORKER_PORT、DUBAN_DATABASE_PORT、DUBAN_ENGINE_PORT）。`,
    `Port ${port} (${name}) is held by another program. Stop it, or set another port (DUBAN_API_PORT, DUBAN_WORKER_PORT, DUBAN_DATABASE_PORT, DUBAN_ENGINE_PORT).`,
  );
}
