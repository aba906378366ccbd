import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';

const demo = z.object({
  campaign: z.string(),
  world: z.string(),
  scenario: z.string(),
  seed: z.string(),
  url: z.string(),
  admin: z.string(),
  passwords: z.record(z.string(), z.string()),
});
/** What a demonstration of this home needs to be played on: which campaign, which story, and its users' passwords. */
export type KeptDemo = z.infer<typeof demo>;

const fileOf = (home: string): string => join(home, 'demo.json');

/** In the order in which they were started. */
export function readDemos(home: string): readonly KeptDemo[] {
  const file = fileOf(home);
  return existsSync(file) ? z.array(demo).parse(JSON.parse(readFileSync(file, 'utf8'))) : [];
}

/** One story is told once: known by the name of its file, wherever the checkout lies. */
export const isOf =
  (scenario: string) =>
  (kept: KeptDemo): boolean =>
    basename(kept.scenario) === basename(scenario);

/** Only its owner can read it. */
export function keepDemo(home: string, kept: KeptDemo): void {
  mkdirSync(dirname(fileOf(home)), { recursive: true });
  writeFileSync(fileOf(home), `${JSON.stringify([...readDemos(home), kept], null, 2)}\n`, { mode: 0o600 });
}
