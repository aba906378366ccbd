import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;

/**
 * A fault drill: while the file `hold` in `folder` names a point of the deduction cycle, the worker stops there, says so in the file `held`, and goes on when the
 * name is gone. Whoever rehearses a failure can then kill a part of the system at just that point. Off unless DUBAN_DRILL names a folder.
 */
export function drillAt(folder: string): (point: string) => Promise<void> {
  mkdirSync(folder, { recursive: true });
  const wanted = (): string => {
    try {
      return readFileSync(join(folder, 'hold'), 'utf8');
    } catch {
      return '';
    }
  };
  return async (point) => {
    if (wanted() !== point) return;
    writeFileSync(join(folder, 'held'), point);
    while (wanted() === point) await sleep(LOOK_EVERY_MS);
  };
}
