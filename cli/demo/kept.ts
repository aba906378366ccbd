import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const keptSchema = z.object({
  campaign: z.string(),
  world: z.string(),
  scenario: z.string(),
  seed: z.string(),
  url: z.string(),
  admin: z.string(),
  passwords: z.record(z.string(), z.string()),
});
/** What the demonstration of this home needs to be played on: which campaign, which story, and its users' passwords. */
export type KeptDemo = z.infer<typeof keptSchema>;

const fileOf = (home: string): string => join(home, 'demo.json');

export function readDemo(home: string): KeptDemo | null {
  const file = fileOf(home);
  return existsSync(file) ? keptSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) : null;
}

/** Only its owner can read it. */
export function keepDemo(home: string, kept: KeptDemo): void {
  mkdirSync(dirname(fileOf(home)), { recursive: true });
  writeFileSync(fileOf(home), `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
}
