// Draws the charts from the data block of the page; the tables show the same figures.
// @ts-check
'use strict';

(() => {
  /** @type {any} */
  const data = JSON.parse(document.getElementById('chart-data')?.textContent ?? '{}');
  const few = new Intl.NumberFormat(data.language, { maximumSignificantDigits: 3 });
  const day = 86_400_000;

  /** Custom properties hold light-dark() pairs; only a used colour is resolved to one of the two. */
  function colour(/** @type {string} */ name) {
    const probe = document.createElement('span');
    probe.style.color = `var(--${name})`;
    document.body.append(probe);
    const resolved = getComputedStyle(probe).color;
    probe.remove();
    return resolved;
  }

  const all = [
    ...data.pauses.flatMap((/** @type {any} */ series) => series.points),
    ...data.heapAfter,
    ...data.safepoints,
  ];
  const first = all.reduce((least, { at }) => Math.min(least, at), Infinity);
  const last = all.reduce((most, { at }) => Math.max(most, at), -Infinity);
  const span = last - first;
  /** As the tables: the reader's own zone is neither that of the log nor that of a colleague. */
  const clock = new Intl.DateTimeFormat(data.language, {
    timeZone: 'UTC',
    hourCycle: 'h23',
    hour: '2-digit',
    minute: '2-digit',
    ...(span > 2 * day ? { month: '2-digit', day: '2-digit' } : { second: '2-digit' }),
    ...(span < 60_000 && { fractionalSecondDigits: 1 }),
  });
  const when = (/** @type {number} */ at) => (data.axis === 'clock' ? clock.format(at) : few.format(at));
  const duration = (/** @type {number} */ value) =>
    value < 1 ? `${few.format(value * 1000)} ms` : `${few.format(value)} s`;
  const mebibytes = (/** @type {number} */ value) => `${few.format(value)} MiB`;

  const pointsOf = (/** @type {any[]} */ points, scale = 1) =>
    points.map(({ at, value }) => ({ x: at, y: value / scale }));
  /** One fewer than colours, so that the two together tell thirty series apart. */
  const shapes = ['circle', 'triangle', 'rect', 'rectRot', 'star'];

  function dots(/** @type {string} */ label, /** @type {any[]} */ points, /** @type {number} */ index) {
    const stroke = colour(`series-${(index % 6) + 1}`);
    return {
      label,
      data: points,
      showLine: false,
      borderColor: stroke,
      backgroundColor: stroke,
      pointRadius: 2.5,
      pointStyle: shapes[index % shapes.length],
    };
  }

  function draw(
    /** @type {string} */ id,
    /** @type {any[]} */ datasets,
    /** @type {any} */ y,
    /** @type {(value: number) => string} */ format,
  ) {
    const canvas = document.getElementById(id);
    if (canvas === null) return;
    const axis = { grid: { color: colour('line') }, border: { color: colour('line') } };
    const ticks = { color: colour('quiet'), maxRotation: 0 };
    const { Chart } = /** @type {any} */ (globalThis);
    return new Chart(canvas, {
      type: 'line',
      data: { datasets },
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: 'nearest', intersect: false },
        scales: {
          x: {
            ...axis,
            type: 'linear',
            min: first,
            max: last,
            title: { display: true, text: data.axis === 'clock' ? 'UTC' : data.strings.uptime, color: colour('quiet') },
            ticks: { ...ticks, maxTicksLimit: canvas.clientWidth < 500 ? 4 : 8, callback: when },
          },
          y: { ...axis, ...y, ticks: { ...ticks, callback: format, maxTicksLimit: 8 } },
        },
        plugins: {
          legend: { position: 'bottom', labels: { color: colour('text'), usePointStyle: true, boxHeight: 7 } },
          tooltip: {
            callbacks: {
              title: (/** @type {any[]} */ [item]) => when(item.parsed.x),
              label: (/** @type {any} */ item) => `${item.dataset.label}: ${format(item.parsed.y)}`,
            },
          },
        },
      },
    });
  }

  /** The line of RocketMQ is drawn where pauses come near it: it would flatten all others. */
  const sendWaitSeconds = 0.2;
  function sendWait(/** @type {any[]} */ points) {
    if (!points.some(({ value }) => value > sendWaitSeconds / 2)) return [];
    const stroke = colour('bad');
    return [
      {
        label: `RocketMQ ${duration(sendWaitSeconds)}`,
        data: [
          { x: first, y: sendWaitSeconds },
          { x: last, y: sendWaitSeconds },
        ],
        borderColor: stroke,
        backgroundColor: stroke,
        borderDash: [6, 4],
        borderWidth: 2,
        pointRadius: 0,
        pointStyle: 'line',
      },
    ];
  }

  draw(
    'pauses',
    [
      ...data.pauses.map((/** @type {any} */ { type, points }, /** @type {number} */ index) =>
        dots(type, pointsOf(points), index),
      ),
      ...sendWait(data.pauses.flatMap((/** @type {any} */ { points }) => points)),
    ],
    { min: 0 },
    duration,
  );
  draw('heap', [dots(data.strings.heapChart, pointsOf(data.heapAfter, 2 ** 20), 0)], { min: 0 }, mebibytes);
  draw(
    'stops',
    [dots(data.strings.stopsChart, pointsOf(data.safepoints), 1), ...sendWait(data.safepoints)],
    { min: 0 },
    duration,
  );
})();
