import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import type { Daily } from '../daily.js';
import { kindsFirst, rankedLeaves } from '../daily.js';
import { amountsText, figureFor, partText } from '../figures.js';
import type { Figure, MeasureMeaning } from '../../../store/reports/model.js';

/**
 * The picture for a work group chat: an SVG written here, drawn to PNG with the Chinese font that comes as a package (docs/adr/0072), so that
 * a server without fonts draws the same picture.
 */
const WIDTH = 900;
const MARGIN = 28;
const ROW = 30;
const NAME_WIDTH = 190;
const FIGURES_WIDTH = 250;
const MOST_ROWS = 60;
const FONT = 'Noto Sans S Chinese';
const COLOURS = {
  ink: '#1f2937',
  soft: '#6b7280',
  track: '#e5e7eb',
  done: '#15803d',
  near: '#b45309',
  far: '#b91c1c',
  paper: '#ffffff',
} as const;

const fontFile = (weight: 'Regular' | 'Bold'): string =>
  join(dirname(createRequire(import.meta.url).resolve('@embedpdf/fonts-sc')), '..', 'fonts', `NotoSansHans-${weight}.otf`);

/** PNG of the daily figures, 900 pixels wide; best units first, at most 60, for each insurance kind that is told apart. */
export function pictureOf(daily: Daily): Buffer {
  const resvg = new Resvg(pictureSvg(daily), {
    font: { loadSystemFonts: false, fontFiles: [fontFile('Regular'), fontFile('Bold')], defaultFontFamily: FONT },
    background: COLOURS.paper,
  });
  return resvg.render().asPng();
}

export function pictureSvg(daily: Daily): string {
  const { progress } = daily;
  const parts: string[] = [];
  let y = MARGIN + 26;
  const next = (content: (y: number) => string, height = ROW): void => {
    y += height;
    parts.push(content(y));
  };
  parts.push(text(MARGIN, y, progress.title, { size: 24, bold: true }));
  const asOf = progress.cutOff.recordedBefore.slice(0, 16).replace('T', ' ');
  next((at) => text(MARGIN, at, `截至 ${asOf}　逾期未办 ${daily.late} 件`, { size: 15, colour: COLOURS.soft }), 28);
  y += 16;
  const kinds = kindsFirst(progress);
  for (const kind of kinds) for (const one of topRow(progress, kind)) next((at) => row(at, one, true));
  const goal = goalLine(daily);
  if (goal !== null) next((at) => text(MARGIN, at, goal, { size: 15 }));
  y += 10;
  for (const kind of kinds) {
    const { rows, more } = leafRows(progress, kind);
    if (kind !== null && rows.length > 0) next((at) => text(MARGIN, at, titleOf(progress, kind), { size: 15, bold: true }), ROW + 8);
    for (const one of rows) next((at) => row(at, one, false));
    if (more > 0) next((at) => text(MARGIN, at, `另有 ${more} 个单位未列出`, { size: 13, colour: COLOURS.soft }));
  }
  const meaning = progress.measures[0];
  if (meaning !== undefined) next((at) => text(MARGIN, at, `${meaning.title}＝${meaning.formula}`, { size: 12, colour: COLOURS.soft }));
  const height = y + MARGIN;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="${FONT}"><rect width="${WIDTH}" height="${height}" fill="${COLOURS.paper}"/>${parts.join('')}</svg>`;
}

type Progress = Daily['progress'];
/** One bar: who, and the first measure's figure. */
interface Bar {
  readonly name: string;
  readonly figure: Figure | undefined;
  readonly meaning: MeasureMeaning | undefined;
}

const titleOf = (progress: Progress, insurance: string | null): string =>
  progress.insurance.find(({ id }) => id === insurance)?.title ?? '';

function topRow(progress: Progress, insurance: string | null): readonly Bar[] {
  const top = progress.units.find(({ above }) => above === null);
  const meaning = progress.measures[0];
  if (top === undefined) return [];
  const name = insurance === null ? top.name : `${top.name} ${titleOf(progress, insurance)}`;
  return [{ name, meaning, figure: meaning && figureFor(top, meaning.id, insurance) }];
}

/** The ranked units below the top; where there is none below, the top's own bar says it all. */
function leafRows(progress: Progress, insurance: string | null): { readonly rows: readonly Bar[]; readonly more: number } {
  const ranked = rankedLeaves(progress, insurance);
  const top = progress.units.find(({ above }) => above === null);
  if (ranked.length === 1 && ranked[0]?.unit.unit === top?.unit) return { rows: [], more: 0 };
  const shown = ranked.slice(0, MOST_ROWS);
  return {
    rows: shown.map(({ unit, figure }) => ({ name: unit.name, figure, meaning: progress.measures[0] })),
    more: ranked.length - shown.length,
  };
}

/** The next goal, with what is missing for it. */
function goalLine({ progress }: Daily): string | null {
  const goal = progress.goals.filter(({ daysLeft, result }) => daysLeft >= 0 && result === null).sort((a, b) => a.daysLeft - b.daysLeft)[0];
  if (goal === undefined) return null;
  const meaning = progress.measures.find(({ id }) => id === goal.measure);
  const short =
    goal.short === null || meaning === undefined
      ? ''
      : goal.short === 0
        ? `，已达 ${goal.threshold ?? ''}`
        : `，距 ${goal.threshold ?? ''} 还差 ${partText(meaning, goal.short)}`;
  return `${goal.title}：${goal.due}，还有 ${goal.daysLeft} 天${short}`;
}

function row(y: number, { name, figure, meaning }: Bar, strong: boolean): string {
  if (figure === undefined || meaning === undefined) return text(MARGIN, y, name, { size: 15, bold: strong });
  const x = MARGIN + NAME_WIDTH;
  const width = WIDTH - x - MARGIN - FIGURES_WIDTH;
  const rate = figure.whole === null || figure.whole === 0 ? 0 : Math.min(1, figure.part / figure.whole);
  const colour = rate >= 1 ? COLOURS.done : rate >= 0.9 ? COLOURS.near : COLOURS.far;
  return [
    text(MARGIN, y, name, { size: strong ? 17 : 15, bold: strong }),
    `<rect x="${x}" y="${y - 14}" width="${width}" height="16" rx="3" fill="${COLOURS.track}"/>`,
    `<rect x="${x}" y="${y - 14}" width="${(width * rate).toFixed(1)}" height="16" rx="3" fill="${colour}"/>`,
    text(x + width + 12, y, `${figure.whole === null ? '' : `${figure.shown}　`}${amountsText(meaning, figure)}`, { size: 14 }),
  ].join('');
}

function text(
  x: number,
  y: number,
  content: string,
  style: { readonly size: number; readonly bold?: boolean; readonly colour?: string },
): string {
  const weight = style.bold === true ? ' font-weight="700"' : '';
  return `<text x="${x}" y="${y}" font-size="${style.size}"${weight} fill="${style.colour ?? COLOURS.ink}">${escapeXml(content)}</text>`;
}

/** Text for XML: names may hold anything; control characters XML cannot carry are dropped. */
const escapeXml = (content: string): string =>
  content.replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '').replace(/[<>&"']/g, (found) => `&#${found.charCodeAt(0)};`);
