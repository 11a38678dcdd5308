// Simulates a day of each planned cluster, minute by minute, with failures at the peak.

import { type ScenarioDay, simulateScenario } from '../../analyzer/planning/simulation/simulate-plan.ts';
import { exitCodes } from '../../core/errors.ts';
import { defineCommand, printDocument } from '../command.ts';
import { curveColumns, drawCurve, knowsUnicode } from '../dry-run/draw-curve.ts';
import { clustersOf, requestedSimulation, simulationOptions, timesOf } from '../simulate/simulation-options.ts';
import { hasDisk, highest, simulationDocument, total } from '../../app/planning/simulation-document.ts';
import { clock } from '../../analyzer/planning/simulation/day-verdict.ts';
import { countText, percentText, shortRateText } from '../../core/text/quantity-text.ts';
import { type CellsOf, tableOf } from '../../core/text/table.ts';

export const simulateCommand = defineCommand({
  positionals: 'PLAN.json',
  options: simulationOptions,
  examples: [
    'plimsoll size examples/domains.yaml --json > plan.json && plimsoll simulate plan.json',
    'plimsoll simulate plan.json --cluster orders --scenario slow-group --for 10m --json',
    'plimsoll simulate plan.json --curve double-11.csv --demand high',
  ],

  async run(io) {
    const { stdout, signal, environment } = io;
    const { clusters, policy } = await clustersOf(io, 'simulate');
    const requested = await requestedSimulation(io);
    const days = clusters.flatMap((plan) =>
      requested.scenarios
        // A cluster in one zone cannot lose a zone, so this scenario needs an explicit request.
        .filter((scenario) => scenario !== 'zone-lost' || plan.zones.length > 1 || requested.scenarios.length === 1)
        .map((scenario) => {
          signal.throwIfAborted();
          const { choices } = requested;
          return simulateScenario(plan, policy, {
            scenario,
            choices,
            timesOf: (load) => timesOf(scenario, load, requested.times),
          });
        }),
    );
    const look = { columns: stdout.columns, isPlain: !knowsUnicode(environment) };
    printDocument(io, simulationDocument(days, requested.choices), () => simulationText(days, look));
    return days.some(({ verdict }) => verdict.kind === 'broken') ? exitCodes.threshold : exitCodes.answered;
  },
});

const texts = { kept: 'yes', broken: 'NO', 'not-promised': 'not planned' };

function simulationText(days: readonly ScenarioDay[], look: { columns: number; isPlain: boolean }): string {
  const worst = days.toSorted((a, b) => badness(b) - badness(a))[0];
  const clusters = new Set(days.map(({ cluster }) => cluster.name));
  return [
    clusters.size === 1 && days[0] !== undefined ? promiseLine(days[0]) : '',
    tableOf(days, cells),
    ...days.flatMap(({ cluster, scenario, verdict }) =>
      verdict.broken.map(({ message }) => `- ${cluster.name}, ${scenario}: ${message}\n`),
    ),
    worst === undefined ? '' : `\n${chartOf(worst, look)}`,
  ].join('');
}

function promiseLine({ cluster, promise }: ScenarioDay): string {
  const { peakTps, safeTps, afterLossTps, survives } = promise;
  const rate = ({ mid }: { mid: number }) => shortRateText(mid);
  return `${cluster.name} is planned for ${rate(peakTps)}, with ${rate(safeTps)} safe and ${rate(afterLossTps)} after the worst loss that it survives: ${survives.join('; ') || 'none'}\n\n`;
}

const scenarioText = ({ cluster: { lostBrokers = 1 }, scenario }: ScenarioDay) =>
  scenario === 'broker-lost' && lostBrokers > 1 ? `${scenario} (${lostBrokers})` : scenario;

const cells: CellsOf<ScenarioDay> = {
  CLUSTER: ({ cluster }) => cluster.name,
  SCENARIO: scenarioText,
  SURVIVES: ({ verdict }) => texts[verdict.kind],
  '>PEAK': ({ day: { course } }) => shortRateText(highest(course.offered)),
  '>OF SAFE': ({ day: { course } }) => percentText(highest(course.load)),
  '>OUTSIDE': ({ day: { course } }) => minutesText(total(course.outside)),
  '>NET IN': ({ day: { course } }) => percentText(highest(course.networkIn)),
  '>NET OUT': ({ day: { course } }) => percentText(highest(course.networkOut)),
  '>DISK': (simulated) => (hasDisk(simulated) ? percentText(highest(simulated.day.course.disk)) : undefined),
  '>FULL': ({ day: { course } }) => percentText(highest(course.diskUsed)),
  '>MOST LAG': ({ day: { course } }) => countText(Math.round(highest(course.mostLag))),
  '>OLDEST': ({ day: { course } }) => secondsText(highest(course.mostLagSeconds)),
  '>FROM DISK': ({ day: { course } }) => minutesText(60 * course.readFromDisk.reduce((sum, each) => sum + each, 0)),
  '>REFUSED': ({ day: { course } }) => countText(Math.round(course.failed.at(-1) ?? 0)),
  '>LOST': ({ day: { course } }) => countText(Math.round(course.lost.at(-1) ?? 0)),
};

const secondsText = (value: number) => (value < 120 ? `${Math.round(value)} s` : minutesText(value));
const minutesText = (seconds: number) => `${(seconds / 60).toFixed(seconds > 0 && seconds < 600 ? 1 : 0)} min`;

const badness = ({ verdict, day }: ScenarioDay) =>
  (verdict.kind === 'broken' ? 2 : verdict.broken.length > 0 ? 1 : 0) * 1e18 + highest(day.course.mostLag);

function chartOf({ cluster, scenario, times, day }: ScenarioDay, look: { columns: number; isPlain: boolean }): string {
  const width = curveColumns(look.columns);
  const { offered, mostLag } = day.course;
  const when = scenario === 'calm' ? '' : ` at ${clock(Math.floor(times.at / 60))}`;
  const draw = (series: Float64Array, unit: 'rate' | 'count') => {
    const heights = tops(series, width);
    return drawCurve({ heights, highest: Math.max(1e-9, ...heights), seconds: 60 * series.length, unit }, look);
  };
  return [
    `${cluster.name}, ${scenario}${when}: messages a second that producers send\n`,
    draw(offered, 'rate'),
    ...(highest(mostLag) < 1 ? [] : [`\nMessages unread by the group with the highest lag\n`, draw(mostLag, 'count')]),
  ].join('');
}

function tops(series: Float64Array, columnCount: number): number[] {
  const heights = Array.from({ length: columnCount }, () => 0);
  for (const [index, value] of series.entries()) {
    const column = Math.min(columnCount - 1, Math.floor((index / series.length) * columnCount));
    heights[column] = Math.max(heights[column] ?? 0, value);
  }
  return heights;
}
