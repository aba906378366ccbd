/** How papers that an act lacks are given with it; null when it lacks none. `papers`, `fields` (`paper.field`): as the refusal names them. */
export function papersWanted(params: Readonly<Record<string, unknown>>): { readonly zh: string; readonly en: string } | null {
  const papers = listed(params['papers']);
  if (papers.length === 0) return null;
  const fields = listed(params['fields']).map((field) => field.split('.'));
  const evidence = papers.map((paper) => ({
    paper,
    fields: Object.fromEntries(fields.flatMap(([of, id = '']) => (of === paper ? [[id, '…']] : []))),
  }));
  const shown = JSON.stringify({ evidence });
  return {
    zh: `材料随本次办理给出：${shown}（金额以分计，日期写成 2018-04-02）`,
    en: `Give the papers with the act: ${shown} (money in fen, days as 2018-04-02)`,
  };
}

const listed = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.map(String) : typeof value === 'string' && value !== '' ? value.split(',') : [];
