// Draws curves over time with a band and the safe maximum from the data blocks of a page.
// @ts-check
'use strict';

function resolved(/** @type {string} */ name, alpha = 1) {
  const probe = document.createElement('span');
  probe.style.color = `color-mix(in srgb, var(--${name}) ${alpha * 100}%, transparent)`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function draw(/** @type {any} */ course) {
  const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById(course.id));
  const whole = new Intl.NumberFormat(
    course.language,
    JSON.parse(document.documentElement.dataset['rateDigits'] ?? '{}'),
  );
  const line = (/** @type {string} */ label, /** @type {string} */ key, /** @type {object} */ look) => ({
    label,
    data: course.points.map((/** @type {any} */ point) => point[key] ?? null),
    pointRadius: course.points.length < 30 ? 3 : 0,
    borderWidth: 2,
    ...look,
  });
  const edge = { pointRadius: 0, borderColor: 'transparent', backgroundColor: resolved('series-1', 0.2) };
  const { safe, band } = course;
  const { Chart } = /** @type {any} */ (globalThis);
  return new Chart(canvas, {
    type: 'line',
    data: {
      labels: course.points.map((/** @type {any} */ point) => point.label),
      datasets: [
        ...course.lines.map((/** @type {any} */ { key, label }, /** @type {number} */ index) =>
          line(label, key, {
            borderColor: resolved(`series-${index + 1}`),
            backgroundColor: resolved(`series-${index + 1}`),
            pointStyle: ['circle', 'rect', 'triangle'][index],
          }),
        ),
        ...(band === undefined
          ? []
          : [line(band, 'high', { ...edge, fill: '+1' }), line('', 'low', { ...edge, fill: false })]),
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
          suggestedMax: safe && (safe.high ?? safe.low) * 1.05,
          title: { display: true, text: course.axis, color: resolved('quiet') },
          ticks: { color: resolved('quiet'), callback: (/** @type {number} */ value) => whole.format(value) },
          grid: { color: resolved('line') },
        },
      },
      plugins: {
        legend: {
          labels: { color: resolved('text'), filter: (/** @type {any} */ item) => item.text !== '' },
        },
        annotation: {
          annotations: safe === undefined ? {} : marks(safe, whole),
        },
      },
    },
  });
}

function marks(
  /** @type {{ label: string, low: number, high?: number }} */ { label, low, high },
  /** @type {Intl.NumberFormat} */ whole,
) {
  return {
    safe: {
      type: 'line',
      yMin: low,
      yMax: low,
      borderColor: resolved('bad'),
      borderWidth: 2,
      label: {
        display: true,
        position: 'start',
        content: `${label} ${whole.format(low)}`,
        color: resolved('ground'),
        backgroundColor: resolved('bad'),
      },
    },
    ...(high !== undefined && {
      band: { type: 'box', yMin: low, yMax: high, backgroundColor: resolved('bad', 0.12), borderWidth: 0 },
    }),
  };
}

/** @type {any[]} */
const courses = ['course-data', 'day-data'].flatMap((id) => {
  const block = document.getElementById(id);
  return block === null ? [] : [JSON.parse(block.textContent)];
});
// A hidden canvas has no size to draw in.
for (const { id } of courses) document.getElementById(id)?.closest('.canvas')?.removeAttribute('hidden');
let drawn = courses.map(draw);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  for (const chart of drawn) chart.destroy();
  drawn = courses.map(draw);
});
