/** A threshold as officials write it, made CEL: `96%` is `percent("96")`, `260 yuan` is `yuan("260")`, a single `=` is `==`. */
export function rewriteReach(written: string): { readonly source: string; readonly back: (at: number) => number } {
  const pattern = /(\d+(?:\.\d+)?)\s*%|(\d+(?:\.\d+)?)\s*yuan\b|(?<![=<>!])=(?!=)/g;
  const stretches: { readonly from: number; readonly to: number; readonly written: number }[] = [];
  let source = '';
  let last = 0;
  for (const match of written.matchAll(pattern)) {
    source += written.slice(last, match.index);
    const from = source.length;
    source += match[1] !== undefined ? `percent("${match[1]}")` : match[2] !== undefined ? `yuan("${match[2]}")` : '==';
    stretches.push({ from, to: source.length, written: match.index });
    last = match.index + match[0].length;
    stretches.push({ from: source.length, to: Number.POSITIVE_INFINITY, written: last });
  }
  source += written.slice(last);
  const back = (at: number): number => {
    const stretch = stretches.findLast((one) => at >= one.from);
    if (!stretch) return at;
    return at < stretch.to && stretch.to !== Number.POSITIVE_INFINITY ? stretch.written : stretch.written + (at - stretch.from);
  };
  return { source, back };
}
