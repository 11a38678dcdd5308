// Draws the latency, utilisation and search charts of a run; without scripts, the tables show the same data.
// @ts-check
'use strict';

/** @type {any} */
const data = JSON.parse(document.getElementById('chart-data')?.textContent ?? '{}');

const grouped = new Intl.NumberFormat(
  data.language,
  JSON.parse(document.documentElement.dataset['rateDigits'] ?? '{}'),
);
const few = new Intl.NumberFormat(data.language, { maximumSignificantDigits: 3 });
const percents = new Intl.NumberFormat(data.language, { style: 'percent', maximumFractionDigits: 1 });
const duration = (/** @type {number} */ value) =>
  value < 1 ? `${few.format(value * 1000)} ms` : `${few.format(value)} s`;

/** Resolves a colour, because custom properties hold light-dark() pairs, and only a used colour is resolved to one of them. */
function colour(/** @type {string} */ name) {
  const probe = document.createElement('span');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

/** Draws vertical lines at the safe and the saturation load, at the same position in both charts. */
const loadMarks = {
  id: 'load-marks',
  afterDatasetsDraw(/** @type {any} */ chart) {
    const { ctx: context, chartArea: area, scales } = chart;
    context.save();
    context.font = `600 12px ${getComputedStyle(document.body).fontFamily}`;
    for (const [index, { label, rate, role }] of data.marks.entries()) {
      const x = scales.x.getPixelForValue(rate);
      context.strokeStyle = context.fillStyle = colour(role === 'safe' ? 'good' : 'bad');
      context.lineWidth = 2;
      context.setLineDash(role === 'safe' ? [] : [6, 4]);
      context.beginPath();
      context.moveTo(x, area.top);
      context.lineTo(x, area.bottom);
      context.stroke();
      const text = `${label} ${grouped.format(rate)}`;
      const fits = x + context.measureText(text).width < area.right;
      context.textAlign = fits ? 'left' : 'right';
      context.fillText(text, x + (fits ? -1 : 1), area.top - 24 + index * 16);
    }
    context.restore();
  },
};

/** Shape of a step by its verdict. */
const shapes = { sustained: 'circle', saturated: 'triangle', invalid: 'crossRot', 'not-judged': 'rectRot' };

/** Shape and colour of a trial by its outcome. */
const trialLooks = {
  passed: { shape: 'circle', colour: 'good' },
  failed: { shape: 'crossRot', colour: 'bad' },
  excluded: { shape: 'rectRot', colour: 'quiet' },
};

function axis(/** @type {string} */ text, /** @type {object} */ more) {
  return {
    title: { display: true, text, color: colour('quiet') },
    grid: { color: colour('line') },
    border: { color: colour('line') },
    ...more,
  };
}

function options(/** @type {object} */ y, /** @type {(value: number) => string} */ format, legend = {}) {
  return {
    animation: false,
    maintainAspectRatio: false,
    // Room for the labels of the load marks.
    layout: { padding: { top: 36 } },
    interaction: { mode: 'nearest', intersect: false },
    scales: {
      x: axis(data.labels.rate, {
        type: 'linear',
        min: 0,
        max: data.highestRate,
        ticks: {
          color: colour('quiet'),
          maxRotation: 0,
          autoSkipPadding: 12,
          includeBounds: false,
          callback: (/** @type {number} */ value) => grouped.format(value),
        },
      }),
      y,
    },
    plugins: {
      legend: { position: 'bottom', labels: { color: colour('text'), usePointStyle: true, boxHeight: 7, ...legend } },
      tooltip: {
        callbacks: {
          title: (/** @type {any[]} */ [item]) => grouped.format(item.parsed.x),
          label: (/** @type {any} */ item) => `${item.dataset.label}: ${format(item.parsed.y)}`,
        },
      },
    },
  };
}

function line(/** @type {string} */ label, /** @type {object[]} */ points, /** @type {string} */ stroke, more = {}) {
  return { label, data: points, borderColor: stroke, backgroundColor: stroke, borderWidth: 2, pointRadius: 4, ...more };
}

/** Distinguishes curves without colours: percentiles by dashes, because their points show verdicts, and resources by points. */
const dashes = [[], [8, 4], [2, 3]];
const pointStyles = ['circle', 'triangle', 'rect', 'rectRot', 'star'];

/** The legend shows by default the first point of a curve. */
const dashesInLegend = {
  pointStyleWidth: 36,
  generateLabels: (/** @type {any} */ chart) =>
    /** @type {any} */ (globalThis).Chart.defaults.plugins.legend.labels
      .generateLabels(chart)
      .map((/** @type {any} */ item) => ({
        ...item,
        pointStyle: 'line',
        lineDash: chart.data.datasets[item.datasetIndex].borderDash,
      })),
};

const seriesColour = (/** @type {number} */ index) => colour(`series-${(index % 6) + 1}`);

function drawLatency() {
  const labelled = [1, 2, 5, 10];
  const values = data.latency.flatMap((/** @type {any} */ { points }) => points.map((/** @type {any} */ { y }) => y));
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  return {
    type: 'line',
    data: {
      datasets: data.latency.map((/** @type {any} */ { name, points }, /** @type {number} */ index) =>
        line(name, points, seriesColour(index), {
          pointStyle: points.map(
            (/** @type {any} */ { verdict }) => shapes[/** @type {keyof typeof shapes} */ (verdict)],
          ),
          pointRadius: points.map((/** @type {any} */ { verdict }) => (verdict === 'sustained' ? 4 : 7)),
          borderDash: dashes[index],
        }),
      ),
    },
    options: options(
      axis(data.labels.latency, {
        type: 'logarithmic',
        // Nearly equal latencies get a wider axis: otherwise it would have no round label, and the curve would show noise.
        ...(highest < 4 * lowest && { min: lowest / 2, max: highest * 2 }),
        ticks: {
          color: colour('quiet'),
          // Other ticks of a decade have no label.
          callback: (/** @type {number} */ value) => {
            const mantissa = value / 10 ** Math.floor(Math.log10(value));
            return labelled.some((each) => Math.abs(mantissa - each) < 0.01) ? duration(value) : '';
          },
        },
      }),
      duration,
      dashesInLegend,
    ),
    plugins: [loadMarks],
  };
}

function drawUtilisation() {
  const limits = data.limits.map((/** @type {any} */ { label, ratio }) =>
    line(
      `${label} ${percents.format(ratio)}`,
      [
        { x: 0, y: ratio },
        { x: data.highestRate, y: ratio },
      ],
      colour('reserve'),
      {
        borderDash: [2, 4],
        pointRadius: 0,
        pointStyle: 'line',
      },
    ),
  );
  const prediction = data.prediction
    ? [
        line(data.prediction.label, data.prediction.points, colour('quiet'), {
          borderDash: [7, 5],
          borderWidth: 1.5,
          pointRadius: 0,
          pointStyle: 'line',
        }),
      ]
    : [];
  return {
    type: 'line',
    data: {
      datasets: [
        ...data.utilisation.map((/** @type {any} */ { label, points }, /** @type {number} */ index) =>
          line(label, points, seriesColour(index), { pointStyle: pointStyles[index % pointStyles.length] }),
        ),
        ...prediction,
        ...limits,
      ],
    },
    options: options(
      axis(data.labels.utilisation, {
        min: 0,
        suggestedMax: 1,
        ticks: { color: colour('quiet'), callback: (/** @type {number} */ value) => percents.format(value) },
      }),
      (value) => percents.format(value),
    ),
    plugins: [loadMarks],
  };
}

/** Draws a gap after each trial, and its mark in the middle. */
function drawSearch() {
  const { labels, outcomes, bounds } = data.search;
  const all = outcomes.flatMap((/** @type {any} */ { trials }) => trials);
  const first = Math.min(...all.map((/** @type {any} */ { from }) => from));
  const last = Math.max(...all.map((/** @type {any} */ { to }) => to));
  return {
    type: 'line',
    data: {
      datasets: [
        ...outcomes.map((/** @type {any} */ { outcome, label, trials }) => {
          const look = trialLooks[/** @type {keyof typeof trialLooks} */ (outcome)];
          return line(
            label,
            trials.flatMap((/** @type {any} */ { from, to, rate }) => [
              { x: from, y: rate },
              { x: (from + to) / 2, y: rate },
              { x: to, y: rate },
              { x: to, y: null },
            ]),
            colour(look.colour),
            {
              borderWidth: 3,
              pointStyle: look.shape,
              pointRadius: trials.flatMap(() => [0, 6, 0, 0]),
              pointBorderWidth: 2,
            },
          );
        }),
        ...bounds.map((/** @type {any} */ { label, rate, role }) =>
          line(
            `${label} ${grouped.format(rate)}`,
            [
              { x: first, y: rate },
              { x: last, y: rate },
            ],
            colour(role === 'lower' ? 'good' : 'bad'),
            { borderDash: [7, 5], borderWidth: 1.5, pointRadius: 0, pointStyle: 'line' },
          ),
        ),
      ],
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: 'nearest', intersect: false },
      scales: {
        x: axis(labels.time, {
          type: 'linear',
          ticks: { color: colour('quiet'), callback: (/** @type {number} */ value) => grouped.format(value) },
        }),
        y: axis(labels.rate, {
          // Room for the marks of the lowest and the highest rate.
          grace: '8%',
          ticks: { color: colour('quiet'), callback: (/** @type {number} */ value) => grouped.format(value) },
        }),
      },
      plugins: {
        legend: { position: 'bottom', labels: { color: colour('text'), usePointStyle: true, boxHeight: 7 } },
        tooltip: {
          callbacks: {
            title: (/** @type {any[]} */ [item]) => duration(item.parsed.x),
            label: (/** @type {any} */ item) => `${item.dataset.label}: ${grouped.format(item.parsed.y)}`,
          },
        },
      },
    },
  };
}

/** @type {any[]} */
let charts = [];

function draw() {
  for (const chart of charts) chart.destroy();
  const { Chart } = /** @type {any} */ (globalThis);
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  const drawings = { latency: drawLatency, utilisation: drawUtilisation, ...(data.search && { search: drawSearch }) };
  charts = Object.entries(drawings).flatMap(([id, config]) => {
    const canvas = document.getElementById(id);
    const figure = canvas?.closest('figure');
    if (!canvas || !figure) return [];
    figure.hidden = false;
    return [new Chart(canvas, config())];
  });
}

draw();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
for (const moment of ['beforeprint', 'afterprint']) {
  addEventListener(moment, () => charts.forEach((chart) => chart.resize()));
}
