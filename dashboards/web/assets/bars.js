// Draws the horizontal bar charts of a page from their data blocks; without scripts, the tables show the same data.
// @ts-check
'use strict';

/** @typedef {{ value?: number, low?: number, high?: number, isHollow?: boolean }} Bar */
/** @typedef {{ label: string, colour: string, bars: Bar[] }} Series */
/** @typedef {{ language: string, axis: string, rows: string[], series: Series[], highest?: number, notes?: string[], isLogarithmic?: boolean }} BarsData */

const canvases = [...document.querySelectorAll('canvas')].filter(
  ({ id }) => document.getElementById(`${id}-data`) !== null,
);

function resolved(/** @type {string} */ name) {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

/** Draws a thin line from the lower to the upper bound of each bar. */
const whiskers = {
  id: 'whiskers',
  afterDatasetsDraw(/** @type {any} */ chart) {
    const { ctx: context, chartArea: area, scales } = chart;
    context.save();
    context.strokeStyle = resolved('text');
    context.lineWidth = 1.5;
    for (const [index, { bars }] of chart.data.datasets.entries()) {
      for (const [row, { low, high }] of bars.entries()) {
        if (low === undefined || !chart.isDatasetVisible(index)) continue;
        const { y } = chart.getDatasetMeta(index).data[row];
        const pixelOf = (/** @type {number} */ each) =>
          Math.min(area.right, Math.max(area.left, scales.x.getPixelForValue(Math.min(each, scales.x.max))));
        const [from, to] = [pixelOf(low), pixelOf(high ?? Number.MAX_VALUE)];
        context.beginPath();
        context.moveTo(from, y);
        context.lineTo(to, y);
        for (const end of to < area.right ? [from, to] : [from]) {
          context.moveTo(end, y - 4);
          context.lineTo(end, y + 4);
        }
        context.stroke();
      }
    }
    context.restore();
  },
};

const highestEnd = (/** @type {BarsData} */ { series }) =>
  Math.max(0, ...series.flatMap(({ bars }) => bars.map(({ value = 0, high = value }) => high)));

/** Returns a power of ten below every bar, so that each bar has a length. */
const lowestPower = (/** @type {BarsData} */ { series }) => {
  const known = series.flatMap(({ bars }) => bars.flatMap(({ value, low = value }) => (low && low > 0 ? [low] : [])));
  return 10 ** Math.floor(Math.log10(Math.min(...known, Number.MAX_VALUE)) - 0.001);
};

function draw(/** @type {HTMLCanvasElement} */ canvas) {
  /** @type {BarsData} */
  const data = JSON.parse(document.getElementById(`${canvas.id}-data`)?.textContent ?? '{}');
  const whole = new Intl.NumberFormat(
    data.language,
    JSON.parse(document.documentElement.dataset['rateDigits'] ?? '{}'),
  );
  const isDrawn = data.rows.length > 0;
  // A hidden canvas has no size to draw in.
  for (const part of [canvas.closest('.canvas'), document.querySelector(`[data-for="${canvas.id}"]`)])
    if (part instanceof HTMLElement) part.hidden = !isDrawn;
  if (!isDrawn) return undefined;
  const { Chart } = /** @type {any} */ (globalThis);
  return new Chart(canvas, {
    type: 'bar',
    data: {
      labels: data.rows,
      datasets: data.series.map(({ label, colour, bars }) => ({
        label,
        bars,
        data: bars.map(({ value }) => value ?? null),
        backgroundColor: bars.map(({ isHollow }) => (isHollow === true ? 'transparent' : resolved(colour))),
        borderColor: resolved(colour),
        borderWidth: 2,
        // The legend shows the first bar, which may be hollow.
        legendColour: resolved(colour),
      })),
    },
    options: {
      indexAxis: 'y',
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: 'index', axis: 'y', intersect: false },
      scales: {
        x: {
          ...(data.isLogarithmic === true ? { type: 'logarithmic', min: lowestPower(data) } : { min: 0 }),
          ...(data.highest === undefined ? { suggestedMax: highestEnd(data) } : { max: data.highest }),
          title: { display: true, text: data.axis, color: resolved('quiet') },
          ticks: {
            color: resolved('quiet'),
            maxRotation: 0,
            autoSkipPadding: 16,
            includeBounds: false,
            // Labels only the first value of each decade.
            callback: (/** @type {number} */ value) =>
              data.isLogarithmic !== true || Math.log10(value) % 1 === 0 ? whole.format(value) : '',
          },
          grid: { color: resolved('line') },
        },
        y: {
          ticks: {
            color: resolved('text'),
            callback: (/** @type {number} */ row) => {
              const label = data.rows[row] ?? '';
              // Reserves half of a phone screen for the bars.
              const most = canvas.clientWidth < 500 ? 18 : 40;
              const short = (/** @type {string} */ text) => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
              const note = data.notes?.[row];
              return note === undefined ? short(label) : [short(label), short(note)];
            },
          },
          grid: { display: false },
        },
      },
      plugins: {
        legend: {
          labels: {
            color: resolved('text'),
            generateLabels: (/** @type {any} */ chart) =>
              chart.data.datasets.map((/** @type {any} */ { label, legendColour }, /** @type {number} */ index) => ({
                text: label,
                fillStyle: legendColour,
                strokeStyle: legendColour,
                fontColor: resolved('text'),
                datasetIndex: index,
                hidden: !chart.isDatasetVisible(index),
              })),
          },
        },
        tooltip: {
          callbacks: {
            label: (/** @type {any} */ { dataset, parsed }) => `${dataset.label}: ${whole.format(parsed.x)}`,
          },
        },
      },
    },
    plugins: [whiskers],
  });
}

/** @type {any[]} */
let drawn = [];

function drawAll() {
  for (const chart of drawn) chart?.destroy();
  drawn = canvases.map(draw);
}

drawAll();
// Event of a script that replaced the data of the page.
document.addEventListener('figures-changed', drawAll);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', drawAll);
for (const moment of ['beforeprint', 'afterprint']) {
  addEventListener(moment, () => drawn.forEach((chart) => chart?.resize()));
}
