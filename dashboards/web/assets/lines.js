// Draws lines over time, with gaps for missing values, limits and marked events, from the data block of a page.
// @ts-check
'use strict';

(() => {
  /** @returns {any[]} charts of all blocks, each with the times that its block shares */
  const read = () =>
    ['lines-data', 'course-data', 'day-data'].flatMap((id) => {
      const { times, charts } = JSON.parse(document.getElementById(id)?.textContent || '{"charts":[]}');
      return charts.map((/** @type {any} */ chart) => ({ ...chart, ...times?.[chart.times] }));
    });
  let data = read();
  const { lang } = document.documentElement;
  const grouped = new Intl.NumberFormat(lang, JSON.parse(document.documentElement.dataset['rateDigits'] ?? '{}'));
  const few = new Intl.NumberFormat(lang, { maximumSignificantDigits: 3 });
  const percents = new Intl.NumberFormat(lang, { style: 'percent', maximumFractionDigits: 1 });

  function resolved(/** @type {string} */ name, alpha = 1) {
    const probe = document.createElement('span');
    probe.style.color = `color-mix(in srgb, var(--${name}) ${alpha * 100}%, transparent)`;
    document.body.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }

  const isChinese = lang.startsWith('zh');
  /** @type {[number, string][]} */
  const durations = [
    [86_400, isChinese ? '天' : 'days'],
    [3600, isChinese ? '小时' : 'h'],
  ];

  /** Writes durations as tables do (durationText in core/text/duration-text.ts). */
  function duration(/** @type {number} */ seconds) {
    if (seconds > 0 && seconds < 1) return `${few.format(seconds * 1000)} ms`;
    const [length, unit] = durations.find(([each]) => seconds >= 2 * each) ?? [1, isChinese ? '秒' : 's'];
    return `${few.format(seconds / length)} ${unit}`;
  }

  /** @type {Record<string, (value: number) => string>} */
  const formats = {
    ratio: (value) => percents.format(value),
    seconds: duration,
    MiB: (value) => `${few.format(value)} MiB`,
    GiB: (value) => `${few.format(value)} GiB`,
    count: (value) => grouped.format(value),
    rate: (value) => grouped.format(value),
    bytesPerSecond: (value) => `${few.format(value / 1e6)} MB/s`,
  };
  /** Dash patterns distinguish lines without colours. */
  const dashes = [[], [8, 4], [2, 4], [10, 3, 2, 3]];

  /** Scales sizes by powers of two, so that the axis has round labels. */
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

  /** Draws events as vertical lines, with names if there is room; alerts have a bar over the time they fired. */
  const eventMarks = {
    id: 'event-marks',
    beforeDatasetsDraw(/** @type {any} */ chart) {
      const { ctx: context, chartArea: area, scales, options } = chart;
      const slots = chart.data.labels.length - 1;
      const placeOf = (/** @type {number} */ index) =>
        area.left + (Math.min(Math.max(index, 0), slots) / slots) * (scales.x.right - area.left);
      context.save();
      context.lineWidth = 1;
      context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
      context.textBaseline = 'bottom';
      let free = area.left;
      const marks = (options.plugins.eventMarks ?? []).toSorted(
        (/** @type {any} */ one, /** @type {any} */ other) => one.index - other.index,
      );
      for (const { index, label, until } of marks) {
        const x = placeOf(index);
        context.strokeStyle = context.fillStyle = resolved(until === undefined ? 'quiet' : 'bad');
        context.setLineDash(until === undefined ? [2, 3] : []);
        context.beginPath();
        context.moveTo(x, area.top - 4);
        context.lineTo(x, area.bottom);
        context.stroke();
        if (until !== undefined) context.fillRect(x, area.top - 4, Math.max(2, placeOf(until) - x), 4);
        const { width } = context.measureText(label);
        const from = Math.min(x + 3, area.right - width);
        if (label === '' || from < free) continue;
        context.fillText(label, from, area.top - 5);
        free = from + width + 8;
      }
      context.restore();
    },
  };

  /** Number of characters that fit the narrowest chart. */
  const mostNamed = 32;

  /** @typedef {{ label: string, values: (number | null | undefined)[], role?: 'low' | 'high' | 'peak' }} Line */

  /** Shortens a name, because a canvas wraps no lines; isolates prevent direction overrides in the name from reversing later text. */
  function shortName(/** @type {string} */ name) {
    const characters = Array.from(name);
    const shown = characters.length > mostNamed ? `${characters.slice(0, mostNamed - 1).join('')}…` : name;
    return `\u2068${shown}\u2069`;
  }

  /** Draws bands and peaks as areas up to the edge of the previous line. */
  function lineOf(
    /** @type {Line} */ { label, values, role },
    /** @type {number} */ index,
    /** @type {{ lines: Line[], textOf: (values: (number | null)[]) => string, isStacked: boolean }} */ about,
  ) {
    const { lines, textOf, isStacked } = about;
    const known = values.map((value) => value ?? null);
    const series = lines.slice(0, index + 1).filter((line) => line.role === undefined).length - 1;
    const colour = `series-${(series % 6) + 1}`;
    const isAlone = (/** @type {number} */ at) =>
      known[at] !== null && (known[at - 1] ?? null) === null && (known[at + 1] ?? null) === null;
    const isEdge = role !== undefined;
    const last = isEdge ? '' : textOf(known);
    return {
      label,
      text: role === 'peak' ? '' : last === '' ? label : `${shortName(label)} ${last}`,
      data: known,
      borderColor: role === 'low' || role === 'high' ? 'transparent' : resolved(colour, isEdge ? 0.35 : 1),
      backgroundColor: resolved(colour, isEdge ? 0.18 : isStacked ? 0.5 : 1),
      fill: role === 'peak' || role === 'high' ? '-1' : isStacked && 'stack',
      borderDash: isEdge || isStacked ? [] : dashes[series % dashes.length],
      borderWidth: isEdge || isStacked ? 1 : 2,
      pointStyle: ['circle', 'rect', 'triangle'][series % 3],
      pointRadius: known.map((/** @type {unknown} */ _, /** @type {number} */ at) =>
        !isEdge && !isStacked && (known.length <= 60 || isAlone(at)) ? 2 : 0,
      ),
    };
  }

  /** Draws a limit over the whole width, and the interval above it. */
  function limitOf(
    /** @type {any} */ { label, value, high, role },
    /** @type {unknown[]} */ x,
    /** @type {(value: number) => string} */ format,
  ) {
    const colour = role === 'saturation' ? 'reserve' : 'bad';
    const line = {
      label,
      text: `${label} ${format(value)}`,
      data: x.map(() => value),
      stack: `limit ${label}`,
      borderColor: resolved(colour),
      backgroundColor: resolved(colour, 0.12),
      borderDash: role === 'saturation' ? [8, 5] : [3, 3],
      borderWidth: 2,
      pointRadius: 0,
      fill: false,
    };
    if (high === undefined) return [line];
    return [
      line,
      { ...line, label: '', text: '', stack: `high ${label}`, data: x.map(() => high), borderWidth: 0, fill: '-1' },
    ];
  }

  /** Returns ticks whose labels do not overlap each other or `now`, the last one. */
  function shownTicks(/** @type {number[]} */ ticks, /** @type {number} */ slots, /** @type {number} */ width) {
    const least = (70 / Math.max(1, width - 60)) * slots;
    /** @type {number[]} */
    const shown = [];
    for (const tick of ticks.toReversed()) if (shown.every((other) => other - tick >= least)) shown.unshift(tick);
    return shown;
  }

  function configOf(/** @type {any} */ chart) {
    const {
      x,
      ticks,
      current,
      lines,
      limits = [],
      marks = [],
      unit,
      axis,
      isStacked = false,
      isFitted = false,
    } = scaled(chart);
    const format = formats[unit] ?? String;
    /** Returns the last value, with its time unless it is current: of a broker that is down, the legend has an old one. */
    const textOf = (/** @type {(number | null)[]} */ values) => {
      const at = values.findLastIndex((value) => value !== null);
      if (ticks === undefined || at === -1) return '';
      const time = current === undefined || at >= values.length - current ? '' : ` (${x[at]})`;
      return `${format(values[at] ?? 0)}${time}`;
    };
    const drawn = lines.flatMap((/** @type {any} */ line) =>
      line.values.filter((/** @type {unknown} */ each) => typeof each === 'number'),
    );
    const highest = Math.max(0, ...limits.map((/** @type {any} */ { value, high = value }) => high), ...drawn);
    // Close lines are distinguishable only if the axis does not start at 0.
    const least = isFitted && drawn.length > 0 ? Math.min(...drawn) : 0;
    // A multiple of 5%, so that the axis has round labels.
    const lowest = Math.max(0, Math.floor(20 * (least - 0.1 * (highest - least))) / 20);
    // The axis of an idle network card shows whole megabytes.
    const room = highest > 0 ? highest + 0.1 * (highest - lowest) : unit === 'bytesPerSecond' ? 1e6 : 1;
    const about = { lines, textOf, isStacked };
    return {
      type: 'line',
      data: {
        labels: x,
        datasets: [
          ...lines.map((/** @type {any} */ line, /** @type {number} */ index) => lineOf(line, index, about)),
          ...limits.flatMap((/** @type {any} */ limit) => limitOf(limit, x, format)),
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
                scale.ticks = shownTicks(ticks, x.length - 1, scale.chart.width).map((value) => ({ value }));
              },
            }),
            grid: { color: resolved('line') },
          },
          y: {
            min: lowest,
            stacked: isStacked,
            suggestedMax: unit === 'ratio' && highest <= 1 ? Math.min(1, room) : room,
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
              boxHeight: isStacked ? 10 : 1,
              // Areas have the colour of their line, except bands between two lines without one.
              generateLabels: (/** @type {any} */ drawnChart) =>
                /** @type {any} */ (globalThis).Chart.defaults.plugins.legend.labels
                  .generateLabels(drawnChart)
                  .map((/** @type {any} */ item) => {
                    const { text, fill, backgroundColor } = drawnChart.data.datasets[item.datasetIndex];
                    if (fill === '-1') return { ...item, text, strokeStyle: backgroundColor, lineWidth: 8 };
                    // A filled box would hide the gaps between the dashes.
                    return { ...item, text, ...(fill === false && { fillStyle: 'transparent' }) };
                  })
                  .filter((/** @type {any} */ { text }) => text !== ''),
            },
          },
          tooltip: {
            filter: (/** @type {any} */ { dataset }) => dataset.label !== '',
            callbacks: {
              label: (/** @type {any} */ item) => `${shortName(item.dataset.label)}: ${format(item.parsed.y)}`,
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
    charts = data.flatMap((/** @type {any} */ each) => {
      const canvas = /** @type {HTMLCanvasElement | null} */ (document.getElementById(each.id));
      if (canvas === null) return [];
      // A hidden canvas has no size to draw in, and an empty chart would have an axis without labels.
      canvas.closest('.canvas')?.toggleAttribute('hidden', each.lines.length === 0);
      if (each.lines.length === 0) return [];
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
