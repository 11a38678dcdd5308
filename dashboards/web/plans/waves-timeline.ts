// Renders the waves of a plan on a timeline with their estimates, and as a table.

import { html, type Content } from '../../../core/text/html.ts';
import type { OperationWave, RecordedOperation } from '../../../core/documents/recorded-operation.ts';
import { renderChartTools } from '../chart-tools.ts';
import { prose } from '../layout.ts';
import { renderTableAlone, textColumn, numberColumn } from '../tables.ts';
import type { View } from '../view.ts';
import { roundedDurationText } from '../../../core/text/duration-text.ts';
import { planLanguages } from './plan-texts.ts';

/** Limit of bars, because more cannot be distinguished; the table has the others. */
const mostBars = 40;
const mostRows = 200;
const rowHeight = 44;

interface PlacedWave extends OperationWave {
  /** Seconds after the first wave began, by the middle of the estimates; absent if a previous wave has no estimate. */
  startsAt?: number;
}

export function renderWaves({ waves = [] }: RecordedOperation, view: View): Content {
  const texts = planLanguages[view.language];
  if (waves.length === 0) return undefined;
  const placed = placedWaves(waves);
  return html`<section>
    <h2 id="waves">${texts.waves}</h2>
    ${renderBars(placed, view)} ${renderTableAlone(texts.waves, placed.slice(0, mostRows), columnsOf(view))}
    ${placed.length > mostRows && html`<p class="quiet">${texts.restInFile(view.numbers.plain(placed.length - mostRows))}</p>`}
  </section>`;
}

function placedWaves(waves: readonly OperationWave[]): PlacedWave[] {
  let startsAt: number | undefined = 0;
  return waves.map((wave) => {
    const placed = { ...wave, ...(startsAt !== undefined && { startsAt }) };
    // Changing only the order of replicas takes almost no time.
    const lasts = isOrderOnly(wave) ? 0 : wave.etaSeconds?.mid;
    startsAt = startsAt === undefined || lasts === undefined ? undefined : startsAt + lasts;
    return placed;
  });
}

const isOrderOnly = ({ bytes, etaSeconds }: OperationWave) => bytes === 0 && etaSeconds === undefined;

function columnsOf({ numbers, language, strings }: View): Parameters<typeof renderTableAlone<PlacedWave>>[2] {
  const texts = planLanguages[language];
  const lasting = (seconds: number) => roundedDurationText(seconds, language);
  return [
    textColumn(texts.wave, (_, index) => numbers.plain(index + 1)),
    numberColumn(texts.partitionsTitle, ({ partitions }) => numbers.rate(partitions)),
    numberColumn(texts.copied, (wave) => (wave.bytes === undefined ? texts.unsized : numbers.bytes(wave.bytes))),
    numberColumn(texts.throttle, ({ throttleBytesPerSecond: throttle }) =>
      throttle === undefined ? texts.noThrottle : `${numbers.bytes(throttle)}/s`,
    ),
    numberColumn(texts.starts, ({ startsAt }) => (startsAt === undefined ? strings.unknown : lasting(startsAt))),
    numberColumn(texts.takes, (wave) =>
      isOrderOnly(wave)
        ? texts.orderOnly
        : wave.etaSeconds === undefined
          ? strings.unknown
          : texts.span(lasting(wave.etaSeconds.low), lasting(wave.etaSeconds.mid), lasting(wave.etaSeconds.high)),
    ),
  ];
}

function renderBars(placed: readonly PlacedWave[], view: View): Content {
  const texts = planLanguages[view.language];
  const drawn = placed
    .slice(0, mostBars)
    .flatMap(({ startsAt, ...wave }, index) =>
      startsAt === undefined || (wave.etaSeconds === undefined && !isOrderOnly(wave))
        ? []
        : [{ ...wave, startsAt, index }],
    );
  const ends = drawn.map(({ startsAt, etaSeconds }) => startsAt + (etaSeconds?.high ?? 0));
  const whole = Math.max(0, ...ends);
  if (whole === 0) return html`<p class="quiet">${prose(texts.unknownTime)}</p>`;
  const at = (seconds: number) => `${(1 + (97 * seconds) / whole).toFixed(2)}%`;
  const wide = (seconds: number) => `${Math.max(0.4, (97 * seconds) / whole).toFixed(2)}%`;
  const height = rowHeight * drawn.length;
  const label = (wave: (typeof drawn)[number]) => barText(wave, view);
  return html`<figure class="waves">
    <svg id="waves-chart" role="img" aria-label="${texts.wavesExplained}" width="100%" height="${height + 24}">
      ${ticksOf(whole).map((seconds) => {
        const anchor = seconds === 0 ? 'start' : seconds > 0.9 * whole ? 'end' : 'middle';
        return html`<line class="axis" x1="${at(seconds)}" x2="${at(seconds)}" y1="0" y2="${height}" />
          <text x="${at(seconds)}" y="${height + 18}" text-anchor="${anchor}">
            ${roundedDurationText(seconds, view.language)}
          </text>`;
      })}
      ${drawn.map((wave, row) => {
        const y = row * rowHeight;
        const { startsAt, etaSeconds: eta } = wave;
        return html`<text class="label" x="1%" y="${y + 15}">${label(wave)}</text> ${
            eta === undefined
              ? html`<circle class="dot" cx="${at(startsAt)}" cy="${y + 29}" r="5" />`
              : html`<rect class="bar" x="${at(startsAt)}" y="${y + 22}" width="${wide(eta.mid)}" height="14" rx="2" />
                  <line
                    class="reach"
                    x1="${at(startsAt + eta.low)}"
                    x2="${at(startsAt + eta.high)}"
                    y1="${y + 29}"
                    y2="${y + 29}"
                  />`
          }`;
      })}
    </svg>
    ${renderChartTools({ chart: 'waves-chart', table: 'waves' }, view)}
    <figcaption>
      ${texts.wavesExplained}${placed.length > drawn.length && ` ${texts.moreWaves(view.numbers.plain(placed.length - drawn.length))}`}
    </figcaption>
  </figure>`;
}

function barText(wave: OperationWave & { index: number }, { numbers, language }: View): string {
  const texts = planLanguages[language];
  const { index, partitions, bytes, throttleBytesPerSecond: throttle } = wave;
  return [
    texts.waveOf(numbers.plain(index + 1)),
    texts.partitions(numbers.rate(partitions)),
    bytes !== undefined && bytes > 0 && numbers.bytes(bytes),
    throttle !== undefined && texts.atFirst(`${numbers.bytes(throttle)}/s`),
  ]
    .filter((each) => each !== false)
    .join(' · ');
}

/** Time steps that are common on clocks, in seconds. */
const roundSpans = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];
const mostTicks = 4;

function ticksOf(whole: number): number[] {
  const last = roundSpans.at(-1) ?? whole;
  const step = roundSpans.find((each) => whole / each <= mostTicks) ?? last * Math.ceil(whole / last / mostTicks);
  return Array.from({ length: Math.floor(whole / step) + 1 }, (_, index) => index * step);
}
