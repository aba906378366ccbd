import { RuntimeProblem } from '../problem.js';

/** The Temporal server that Duban is made and tested with. */
export const ENGINE_VERSION = '1.32.0';
/** The oldest on which a whole campaign was run (docs/adr/0015). */
const OLDEST = '1.28.0';

type Version = readonly [major: number, minor: number];

const read = (text: string): Version | null => {
  const found = /^v?(\d+)\.(\d+)\./.exec(text);
  return found === null ? null : [Number(found[1]), Number(found[2])];
};
const older = (one: Version, other: Version): boolean => one[0] < other[0] || (one[0] === other[0] && one[1] < other[1]);

/** How a server's version stands to what was tried: `unknown` when it does not say one that can be read. */
export function judgeVersion(version: string): 'too-old' | 'tried' | 'untried' | 'unknown' {
  const [given, least, ours] = [read(version), read(OLDEST), read(ENGINE_VERSION)];
  if (given === null || least === null || ours === null) return 'unknown';
  if (older(given, least)) return 'too-old';
  return older(ours, given) ? 'untried' : 'tried';
}

/** Error: `engine-too-old`. */
export function checkServerVersion(version: string, address: string): void {
  if (judgeVersion(version) !== 'too-old') return;
  throw new RuntimeProblem(
    'engine-too-old',
    `Temporal 集群 ${address} 是 ${version} 版，督办需要 ${OLDEST} 以上。请其管理员升级，或改用内嵌引擎（去掉 engine.address）。`,
    `The cluster ${address} is ${version}, Duban needs ${OLDEST} or newer. Have it upgraded, or use the embedded engine (remove engine.address).`,
  );
}
