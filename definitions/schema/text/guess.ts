/** Number of single-letter changes (insert, drop, replace, swap of neighbours) between two words. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      next.push(best);
    }
    before = row;
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The known word nearest to what was written, when it is near enough to be meant; null otherwise. */
export function guessWord(written: string, known: Iterable<string>): string | null {
  const limit = Math.max(1, Math.round(written.length * 0.4));
  const lower = written.toLowerCase();
  let best: { word: string; distance: number } | null = null;
  for (const word of known) {
    if (Math.abs(word.length - written.length) > limit) continue;
    const distance = word.toLowerCase() === lower ? 0 : editDistance(lower, word.toLowerCase());
    if (distance <= limit && (best === null || distance < best.distance)) best = { word, distance };
  }
  return best?.word ?? null;
}
