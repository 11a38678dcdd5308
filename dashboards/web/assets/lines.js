// Draws lines over time, with gaps for missing values, limits and marked events, from the data block of a page.
// @ts-check
'use strict';

(() => {
  const read = () => JSON.parse(document.getElementById('lines-data')?.textContent ?? '{}');
  /** @type {any} */
  let data = read();
  const grouped = new Intl.NumberFormat(
    data.language,
    JSON.parse(document.documentElement.dataset['rateDigits'] ?? '{}'),
  );
  const few = new Intl.NumberFormat(data.language, { maximumSignificantDigits: 3 });
  const percents = new Intl.NumberFormat(data.language, { style: 'percent', maximumFractionDigits: 1 });

  function resolved(/** @type {string} */ name, alpha = 1) {
    const probe = document.createElement('span');
    probe.style.color = `color-mix(in srgb, var(--${name}) ${alpha * 100}%, transparent)`;
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
    rate: (value) => grouped.format(value),
    bytesPerSecond: (value) => `${few.format(value / 1e6)} MB/s`,
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

  /** Events as upright lines, numbered where there is room. */
  const eventMarks = {
    id: 'event-marks',
    beforeDatasetsDraw(/** @type {any} */ chart) {
      const { ctx: context, chartArea: area, scales, options } = chart;
      const slots = chart.data.labels.length - 1;
      context.save();
      context.strokeStyle = context.fillStyle = resolved('quiet');
      context.lineWidth = 1;
      context.setLineDash([2, 3]);
      context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
      let free = area.left;
      for (const { index, label } of options.plugins.eventMarks ?? []) {
        const x = area.left + (Math.min(Math.max(index, 0), slots) / slots) * (scales.x.right - area.left);
        context.beginPath();
        context.moveTo(x, area.top - 4);
        context.lineTo(x, area.bottom);
        context.stroke();
        const { width } = context.measureText(label);
        const from = Math.min(x + 3, area.right - width);
        if (from < free) continue;
        context.fillText(label, from, area.top - 6);
        free = from + width + 8;
      }
      context.restore();
    },
  };

  function lineOf(
    /** @type {any} */ { label, values, isPeak },
    /** @type {number} */ index,
    /** @type {any[]} */ lines,
  ) {
    const known = values.map((/** @type {number | null | undefined} */ value) => value ?? null);
    // A peak has the colour of the line before it, of which it is the upper edge.
    const series = lines.slice(0, index + 1).filter((/** @type {any} */ line) => line.isPeak !== true).length - 1;
    const colour = `series-${(series % 6) + 1}`;
    const isAlone = (/** @type {number} */ at) =>
      known[at] !== null && (known[at - 1] ?? null) === null && (known[at + 1] ?? null) === null;
    return {
      label,
      data: known,
      borderColor: resolved(colour, isPeak ? 0.35 : 1),
      backgroundColor: resolved(colour, isPeak ? 0.15 : 1),
      ...(isPeak === true && { fill: '-1' }),
      borderDash: isPeak === true ? [] : dashes[series % dashes.length],
      borderWidth: isPeak === true ? 1 : 2,
      pointRadius: known.map((/** @type {unknown} */ _, /** @type {number} */ at) =>
        isPeak !== true && (known.length <= 60 || isAlone(at)) ? 2 : 0,
      ),
      stepped: false,
    };
  }

  function configOf(/** @type {any} */ chart) {
    const { times, lines, limits = [], marks = [], unit, axis, ...own } = scaled(chart);
    // Charts over the same time share the names of its points.
    const { x, ticks } = times === undefined ? own : data.times[times];
    const format = formats[unit] ?? String;
    const highest = Math.max(
      0,
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
          ...lines.map(lineOf),
          ...limits.map((/** @type {any} */ { label, value, role }) => ({
            label: `${label} ${format(value)}`,
            data: x.map(() => value),
            borderColor: resolved(role === 'saturation' ? 'reserve' : 'bad'),
            backgroundColor: resolved(role === 'saturation' ? 'reserve' : 'bad'),
            borderDash: role === 'saturation' ? [8, 5] : [3, 3],
            borderWidth: 2,
            pointRadius: 0,
          })),
        ],
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        // Room for the labels of events.
        layout: { padding: { top: marks.length > 0 ? 18 : 0 } },
        interaction: { mode: 'index', intersect: false },
        scales: {
          x: {
            ticks: {
              maxRotation: 0,
              autoSkipPadding: 24,
              color: resolved('quiet'),
              ...(ticks === undefined ? { maxTicksLimit: 8 } : { autoSkip: false }),
            },
            ...(ticks !== undefined && {
              afterBuildTicks(/** @type {any} */ scale) {
                // On a narrow screen every other one.
                const every = Math.ceil(ticks.length / Math.max(2, Math.floor(scale.chart.width / 70)));
                const shown = ticks.filter(
                  (/** @type {unknown} */ _, /** @type {number} */ at) => (ticks.length - 1 - at) % every === 0,
                );
                scale.ticks = shown.map((/** @type {number} */ value) => ({ value }));
              },
            }),
            grid: { color: resolved('line') },
          },
          y: {
            min: 0,
            suggestedMax: highest > 0 ? highest * 1.1 : 1,
            ...(axis !== undefined && { title: { display: true, text: axis, color: resolved('quiet') } }),
            ticks: { color: resolved('quiet'), callback: format, maxTicksLimit: 8 },
            grid: { color: resolved('line') },
          },
        },
        plugins: {
          legend: {
            position: 'bottom',
            labels: {
              color: resolved('text'),
              boxHeight: 1,
              // The area of a peak lies above its line, in the same colour.
              filter: (/** @type {any} */ { datasetIndex }) => lines[datasetIndex]?.isPeak !== true,
            },
          },
          tooltip: {
            callbacks: {
              label: (/** @type {any} */ item) => `${item.dataset.label}: ${format(item.parsed.y)}`,
            },
          },
          eventMarks: marks,
        },
      },
      plugins: [eventMarks],
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
      document.querySelector(`[data-instead="${each.id}"]`)?.setAttribute('hidden', '');
      return [new Chart(canvas, configOf(each))];
    });
  }

  draw();
  document.addEventListener('page-refreshed', () => {
    const next = read();
    if (JSON.stringify(next) === JSON.stringify(data)) return;
    data = next;
    draw();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  for (const moment of ['beforeprint', 'afterprint']) {
    addEventListener(moment, () => charts.forEach((chart) => chart.resize()));
  }
})();
