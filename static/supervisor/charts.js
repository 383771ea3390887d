// The charts of the day: plain SVG, with words that say the same.
import { byId, clone, fill, find, reconcile } from '../js/dom.js';
import { clock } from '../js/time.js';
import { duration, percent } from './tiles.js';

/** @typedef {import('../js/types.js').FiguresView} FiguresView */
/** @typedef {import('../js/types.js').ChartPart} Part */
/** @typedef {{x: number, width: number, y: number, height: number, kind: 'bar' | 'bad' | 'line', words: string}} Bar */
/** @typedef {{key: string, title: string, rule: string, words: string, bars: Bar[], limit: number | null, first: string, last: string}} Chart */

const WIDTH = 320;
const HEIGHT = 80;
const QUARTER = 900_000;
/** How many quarters are shown at least, so that a morning's first bars are not as wide as the page. */
const LEAST = 16;

/**
 * The parts worth showing: from an hour before the first chat on.
 * @param {Part[]} parts
 * @returns {Part[]}
 */
export function worth(parts) {
  const first = parts.findIndex((part) => part.arrived > 0);
  const from = first < 0 ? parts.length - LEAST : Math.min(first - 4, parts.length - LEAST);
  return parts.slice(Math.max(0, from));
}

/**
 * @param {FiguresView} figures
 * @returns {Chart[]}
 */
export function charts({ chart, targets, thresholds }) {
  const parts = worth(chart);
  const step = WIDTH / Math.max(1, parts.length);
  const when = (/** @type {Part} */ part) => `${clock(part.from)} to ${clock(Date.parse(part.from) + QUARTER)}`;
  const ends = { first: parts[0] ? clock(parts[0].from) : '', last: parts.length ? 'now' : '' };
  /**
   * @param {(part: Part) => {value: number, kind: Bar['kind'], words: string}[]} values
   * @param {number} most
   */
  const bars = (values, most) => parts.flatMap((part, i) => values(part).filter((v) => v.value > 0).map(({ value, kind, words }) => {
    const height = (HEIGHT * Math.min(value, most)) / Math.max(most, 1);
    return { x: i * step + step * 0.12, width: step * 0.76, y: HEIGHT - height, height, kind, words: `${when(part)}: ${words}` };
  }));
  const most = (/** @type {(part: Part) => number} */ of) => Math.max(0, ...parts.map(of));
  const arrivals = most((part) => part.arrived);
  const longest = most((part) => part.longest_answer_seconds ?? 0);
  const sum = (/** @type {(part: Part) => number} */ of) => parts.reduce((all, part) => all + of(part), 0);
  const { warn, bad } = thresholds.service_level;
  const levels = parts.filter((part) => part.service_level !== undefined);
  return [
    {
      key: 'arrivals', title: 'Arrivals', rule: `a quarter of an hour; red: abandoned; top: ${arrivals}`, ...ends, limit: null,
      words: `Arrivals: ${sum((p) => p.arrived)} chats, ${sum((p) => p.abandoned)} abandoned; at most ${arrivals} in a quarter of an hour.`,
      bars: bars((p) => [{ value: p.arrived, kind: 'bar', words: `${p.arrived} arrived` }, { value: p.abandoned, kind: 'bad', words: `${p.abandoned} abandoned` }], arrivals),
    },
    {
      key: 'waits', title: 'Waits', rule: `for the answer: pale longest, full mean; top: ${duration(longest || undefined)}`, ...ends,
      limit: longest > targets.service_level_seconds ? targets.service_level_seconds / longest : null,
      words: `Waits for the answer: the longest was ${duration(longest || undefined)}.`,
      bars: bars((p) => [{ value: p.longest_answer_seconds ?? 0, kind: 'line', words: `longest ${duration(p.longest_answer_seconds)}` }, { value: p.answer_seconds ?? 0, kind: 'bar', words: `mean ${duration(p.answer_seconds)}` }], longest),
    },
    {
      key: 'level', title: 'Answered in time', rule: `within ${targets.service_level_seconds} s; top: 100 %${warn === undefined ? '' : `; line: ${warn} %`}`, ...ends, limit: warn === undefined ? null : warn / 100,
      words: levels.length ? `Answered in time: from ${percent(Math.min(...levels.map((p) => p.service_level ?? 1)))} to ${percent(Math.max(...levels.map((p) => p.service_level ?? 0)))} a quarter of an hour.` : 'Answered in time: nothing yet.',
      bars: bars((p) => [{ value: 100 * (p.service_level ?? 0), kind: bad !== undefined && 100 * (p.service_level ?? 1) < bad ? 'bad' : 'bar', words: percent(p.service_level) }], 100),
    },
  ];
}

/** @param {string} tag @param {Record<string, string | number>} attrs @param {...Element} children */
function svg(tag, attrs, ...children) {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attrs)) node.setAttribute(name, typeof value === 'number' ? value.toFixed(2) : value);
  node.append(...children);
  return node;
}

/** @param {Bar} bar */
function drawn({ x, y, width, height, kind, words }) {
  const title = svg('title', {});
  title.textContent = words;
  return svg('rect', { class: `chart-${kind}`, x, y, width, height }, title);
}

/** @param {FiguresView} figures */
export function drawCharts(figures) {
  reconcile(byId('charts'), charts(figures), (chart) => chart.key, () => clone('t-chart'), (node, chart) => {
    fill(node, { title: chart.title, rule: chart.rule, first: chart.first, last: chart.last });
    const box = find(node, '.chart-box', HTMLElement);
    const now = JSON.stringify(chart);
    if (box.dataset.drawn === String(hash(now))) return;
    box.dataset.drawn = String(hash(now));
    const grid = svg('path', { class: 'chart-grid', d: `M0 .5H${WIDTH}M0 ${HEIGHT / 2}H${WIDTH}M0 ${HEIGHT - 0.5}H${WIDTH}` });
    const limit = chart.limit === null ? [] : [svg('path', { class: 'chart-limit', d: `M0 ${(HEIGHT * (1 - chart.limit)).toFixed(2)}H${WIDTH}` })];
    box.replaceChildren(svg('svg', { class: 'chart', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', role: 'img', 'aria-label': chart.words }, grid, ...chart.bars.map(drawn), ...limit));
  });
}

/** @param {string} text */
function hash(text) {
  let all = 0;
  for (let i = 0; i < text.length; i += 1) all = (all * 31 + text.charCodeAt(i)) | 0;
  return all;
}
