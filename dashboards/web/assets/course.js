// How does the curve of the load ahead come to be? From the page's data block: forecast, its band, and the safe maximum across it.
// @ts-check
'use strict';

/** @type {any} */
const course = JSON.parse(document.getElementById('course-data')?.textContent ?? '{}');
const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById('course'));
const whole = new Intl.NumberFormat(course.language, { maximumFractionDigits: 0 });

function resolved(/** @type {string} */ name, alpha = 1) {
  const probe = document.createElement('span');
  probe.style.color = `color-mix(in srgb, var(--${name}) ${alpha * 100}%, transparent)`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function draw() {
  const labels = course.points.map((/** @type {any} */ point) => point.label);
  const line = (/** @type {string} */ label, /** @type {string} */ key, /** @type {object} */ look) => ({
    label,
    data: course.points.map((/** @type {any} */ point) => point[key] ?? null),
    pointRadius: 0,
    borderWidth: 2,
    ...look,
  });
  const edge = { borderColor: 'transparent', backgroundColor: resolved('series-1', 0.2) };
  const { safe } = course;
  // @ts-ignore Chart comes from the script before.
  return new Chart(canvas, {
    type: 'line',
    data: {
      labels,
      datasets: [
        line(course.labels.forecast, 'tps', {
          borderColor: resolved('series-1'),
          backgroundColor: resolved('series-1'),
        }),
        line(course.labels.band, 'high', { ...edge, fill: '+1' }),
        line('', 'low', { ...edge, fill: false }),
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
          title: { display: true, text: course.labels.rate, color: resolved('quiet') },
          ticks: { color: resolved('quiet'), callback: (/** @type {number} */ value) => whole.format(value) },
          grid: { color: resolved('line') },
        },
      },
      plugins: {
        legend: {
          labels: { color: resolved('text'), filter: (/** @type {any} */ item) => item.text !== '' },
        },
        annotation: {
          annotations: safe === undefined ? {} : marks(safe),
        },
      },
    },
  });
}

function marks(/** @type {{ low: number, high?: number }} */ { low, high }) {
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
        content: `${course.labels.safe} ${whole.format(low)}`,
        color: resolved('ground'),
        backgroundColor: resolved('bad'),
      },
    },
    ...(high !== undefined && {
      band: { type: 'box', yMin: low, yMax: high, backgroundColor: resolved('bad', 0.12), borderWidth: 0 },
    }),
  };
}

// A hidden canvas has no size to draw in.
for (const element of document.querySelectorAll('.canvas[hidden], [data-for="course"]'))
  element.removeAttribute('hidden');
let drawn = draw();
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  drawn.destroy();
  drawn = draw();
});
