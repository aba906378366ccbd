/** Every circle of a graph once, each from the node that is written first. */
export function circlesOf(edges: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  const found: string[][] = [];
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[]): void => {
    const at = path.indexOf(node);
    if (at >= 0) {
      const circle = path.slice(at);
      const first = [...edges.keys()].find((one) => circle.includes(one)) ?? node;
      const turned = [...circle.slice(circle.indexOf(first)), ...circle.slice(0, circle.indexOf(first))];
      if (!found.some((one) => one.join('>') === turned.join('>'))) found.push(turned);
      return;
    }
    if (done.has(node)) return;
    for (const next of edges.get(node) ?? []) walk(next, [...path, node]);
    done.add(node);
  };
  for (const node of edges.keys()) walk(node, []);
  return found;
}
