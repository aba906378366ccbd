import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';
import type { Daily } from '../daily.js';
import { rankedLeaves } from '../daily.js';
import { amountText } from '../figures.js';
import type { UnitFigures } from '../model.js';

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

/** PNG of the daily figures, 900 pixels wide; best units first, at most 60. */
export function pictureOf(daily: Daily): Buffer {
  const resvg = new Resvg(pictureSvg(daily), {
    font: { loadSystemFonts: false, fontFiles: [fontFile('Regular'), fontFile('Bold')], defaultFontFamily: FONT },
    background: COLOURS.paper,
  });
  return resvg.render().asPng();
}

export function pictureSvg(daily: Daily): string {
  const { progress } = daily;
  const ranked = rankedLeaves(progress);
  const shown = ranked.slice(0, MOST_ROWS);
  const top = progress.units.find(({ above }) => above === null);
  const alone = top !== undefined && shown.length === 1 && shown[0]?.unit === top.unit;
  const parts: string[] = [];
  let y = MARGIN + 26;
  parts.push(text(MARGIN, y, progress.title, { size: 24, bold: true }));
  y += 28;
  parts.push(
    text(MARGIN, y, `截至 ${progress.cutOff.recordedBefore.slice(0, 16).replace('T', ' ')}　逾期未办 ${daily.late} 件`, {
      size: 15,
      colour: COLOURS.soft,
    }),
  );
  y += 16;
  if (top !== undefined) {
    y += ROW;
    parts.push(row(y, top, daily, true));
  }
  const goal = progress.goals.filter(({ daysLeft, result }) => daysLeft >= 0 && result === null).sort((a, b) => a.daysLeft - b.daysLeft)[0];
  if (goal !== undefined) {
    const meaning = progress.measures.find(({ id }) => id === goal.measure);
    const short =
      goal.short === null || meaning === undefined
        ? ''
        : goal.short === 0
          ? `，已达 ${goal.threshold ?? ''}`
          : `，距 ${goal.threshold ?? ''} 还差 ${amountText(meaning, goal.short)}`;
    y += ROW;
    parts.push(text(MARGIN, y, `${goal.title}：${goal.due}，还有 ${goal.daysLeft} 天${short}`, { size: 15 }));
  }
  y += 10;
  for (const unit of alone ? [] : shown) {
    y += ROW;
    parts.push(row(y, unit, daily, false));
  }
  if (ranked.length > shown.length) {
    y += ROW;
    parts.push(text(MARGIN, y, `另有 ${ranked.length - shown.length} 个单位未列出`, { size: 13, colour: COLOURS.soft }));
  }
  const meaning = progress.measures[0];
  if (meaning !== undefined) {
    y += ROW;
    parts.push(text(MARGIN, y, `${meaning.title}＝${meaning.formula}`, { size: 12, colour: COLOURS.soft }));
  }
  const height = y + MARGIN;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="${FONT}"><rect width="${WIDTH}" height="${height}" fill="${COLOURS.paper}"/>${parts.join('')}</svg>`;
}

function row(y: number, unit: UnitFigures, { progress }: Daily, strong: boolean): string {
  const figure = unit.figures[0];
  const meaning = progress.measures[0];
  if (figure === undefined || meaning === undefined) return text(MARGIN, y, unit.name, { size: 15, bold: strong });
  const x = MARGIN + NAME_WIDTH;
  const width = WIDTH - x - MARGIN - FIGURES_WIDTH;
  const rate = figure.whole === null || figure.whole === 0 ? 0 : Math.min(1, figure.part / figure.whole);
  const colour = rate >= 1 ? COLOURS.done : rate >= 0.9 ? COLOURS.near : COLOURS.far;
  const amounts =
    figure.whole === null ? amountText(meaning, figure.part) : `${amountText(meaning, figure.part)} / ${amountText(meaning, figure.whole)}`;
  return [
    text(MARGIN, y, unit.name, { size: strong ? 17 : 15, bold: strong }),
    `<rect x="${x}" y="${y - 14}" width="${width}" height="16" rx="3" fill="${COLOURS.track}"/>`,
    `<rect x="${x}" y="${y - 14}" width="${(width * rate).toFixed(1)}" height="16" rx="3" fill="${colour}"/>`,
    text(x + width + 12, y, `${figure.whole === null ? '' : `${figure.shown}　`}${amounts}`, { size: 14 }),
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
