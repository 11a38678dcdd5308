// Draws lines over time, with gaps for missing values and with limits, from the data block of a page.
// @ts-check
'use strict';

(() => {
  /** @type {any} */
  const data = JSON.parse(document.getElementById('lines-data')?.textContent ?? '{}');
  const few = new Intl.NumberFormat(data.language, { maximumSignificantDigits: 3 });
  const percents = new Intl.NumberFormat(data.language, { style: 'percent', maximumFractionDigits: 1 });

  function resolved(/** @type {string} */ name) {
    const probe = document.createElement('span');
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }

  /** @type {Record<string, (value: number) => string>} */
  const formats = {
    ratio: (value) => percents.format(value),
    seconds: (value) => (value < 1 ? `${few.format(value * 1000)} ms` : `${few.format(value)} s`),
    MiB: (value) => `${few.format(value)} MiB`,
    GiB: (value) => `${few.format(value)} GiB`,
    count: (value) => few.format(value),
  };
  /** Dash patterns distinguish lines without colours. */
  const dashes = [[], [8, 4], [2, 4], [10, 3, 2, 3]];

  /** Sizes in powers of two, so that the axis is marked at round ones. */
  function scaled(/** @type {any} */ chart) {
    if (chart.unit !== 'bytes') return chart;
    const known = (/** @type {any} */ line) =>
      line.values.filter((/** @type {unknown} */ value) => typeof value === 'number');
    const isLarge = Math.max(0, ...chart.lines.flatMap(known)) >= 2 ** 30;
    const by = isLarge ? 2 ** 30 : 2 ** 20;
    const lines = chart.lines.map((/** @type {any} */ line) => ({
      ...line,
      values: line.values.map((/** @type {number | null} */ value) => (value === null ? null : value / by)),
    }));
    return { ...chart, unit: isLarge ? 'GiB' : 'MiB', lines };
  }

  function configOf(/** @type {any} */ chart) {
    const { x, lines, limits = [], unit } = scaled(chart);
    const format = formats[unit] ?? String;
    const highest = Math.max(
      ...limits.map((/** @type {any} */ limit) => limit.value),
      ...lines.flatMap((/** @type {any} */ line) =>
        line.values.filter((/** @type {unknown} */ each) => typeof each === 'number'),
      ),
    );
    return {
      type: 'line',
      data: {
        labels: x,
        datasets: [
          ...lines.map((/** @type {any} */ { label, values }, /** @type {number} */ index) => ({
            label,
            data: values.map((/** @type {number | null | undefined} */ value) => value ?? null),
            borderColor: resolved(`series-${(index % 6) + 1}`),
            backgroundColor: resolved(`series-${(index % 6) + 1}`),
            borderDash: dashes[index % dashes.length],
            borderWidth: 2,
            pointRadius: x.length > 60 ? 0 : 2,
            stepped: false,
          })),
          ...limits.map((/** @type {any} */ { label, value }) => ({
            label: `${label} ${format(value)}`,
            data: x.map(() => value),
            borderColor: resolved('bad'),
            backgroundColor: resolved('bad'),
            borderDash: [3, 3],
            borderWidth: 2,
            pointRadius: 0,
          })),
        ],
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: 'index', intersect: false },
        scales: {
          x: {
            ticks: { maxTicksLimit: 8, maxRotation: 0, autoSkipPadding: 24, color: resolved('quiet') },
            grid: { color: resolved('line') },
          },
          y: {
            min: 0,
            suggestedMax: highest > 0 ? highest * 1.1 : 1,
            ticks: { color: resolved('quiet'), callback: format, maxTicksLimit: 8 },
            grid: { color: resolved('line') },
          },
        },
        plugins: {
          legend: { position: 'bottom', labels: { color: resolved('text'), boxHeight: 1 } },
          tooltip: {
            callbacks: {
              label: (/** @type {any} */ item) => `${item.dataset.label}: ${format(item.parsed.y)}`,
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
    charts = data.charts.flatMap((/** @type {any} */ each) => {
      const canvas = /** @type {HTMLCanvasElement | null} */ (document.getElementById(each.id));
      if (canvas === null) return [];
      // A hidden canvas has no size to draw in.
      canvas.closest('.canvas')?.removeAttribute('hidden');
      return [new Chart(canvas, configOf(each))];
    });
  }

  draw();
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  for (const moment of ['beforeprint', 'afterprint']) {
    addEventListener(moment, () => charts.forEach((chart) => chart.resize()));
  }
})();
