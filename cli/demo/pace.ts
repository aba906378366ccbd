import type { Payer } from './payers.js';
import { Random } from './random.js';

/** A day on which money comes in: so many payers have paid in all by its end. */
export interface Arrival {
  readonly on: string;
  readonly paidInAll: number;
}

const GRAINS = 1_000_000;

/**
 * Who pays on which day. Villages have a pace of their own: a quick one is through by the middle, a slow one has most of its people at the
 * end; within a village the order is by lot. Every day's total is exactly what the story says. The same seed gives the same days.
 * Throws `RangeError` when a total falls or exceeds the payers.
 */
export function payDays(payers: readonly Payer[], arrivals: readonly Arrival[], seed: string): ReadonlyMap<string, readonly Payer[]> {
  const ordered = inOrderOfPaying(payers, seed);
  const days = new Map<string, readonly Payer[]>();
  let paid = 0;
  for (const { on, paidInAll } of arrivals) {
    if (paidInAll < paid || paidInAll > ordered.length) throw new RangeError(`${on}: ${paidInAll}`);
    days.set(on, [...(days.get(on) ?? []), ...ordered.slice(paid, paidInAll)]);
    paid = paidInAll;
  }
  return days;
}

function inOrderOfPaying(payers: readonly Payer[], seed: string): readonly Payer[] {
  const lots = new Random(seed, 'lots');
  const speeds = new Map<string, number>();
  const speedOf = (village: string): number => {
    const known = speeds.get(village);
    if (known !== undefined) return known;
    // 0.6 (quick) to 1.6 (slow): lots of a slow village are pushed towards the end.
    const speed = 0.6 + new Random(seed, `speed ${village}`).below(1001) / 1000;
    speeds.set(village, speed);
    return speed;
  };
  return payers
    .map((payer) => ({ payer, lot: (lots.below(GRAINS) / GRAINS) * speedOf(payer.village) }))
    .sort((a, b) => a.lot - b.lot || (a.payer.idNumber < b.payer.idNumber ? -1 : 1))
    .map(({ payer }) => payer);
}
