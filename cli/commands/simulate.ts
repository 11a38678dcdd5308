// Simulates a day of each planned cluster, minute by minute, with failures at the peak.

import { simulateScenario } from '../../analyzer/planning/simulation/simulate-plan.ts';
import { exitCodes } from '../../core/errors.ts';
import { defineCommand } from '../command.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { printDocument } from '../report.ts';
import { clustersOf, requestedSimulation, simulationOptions, timesOf } from '../simulate/simulation-options.ts';
import { simulationDocument } from '../../app/planning/simulation-document.ts';
import { simulationText } from '../simulate/simulation-text.ts';

export const simulateCommand = defineCommand({
  positionals: 'PLAN.json',
  options: simulationOptions,
  examples: [
    'plimsoll size examples/domains.yaml --json > plan.json && plimsoll simulate plan.json',
    'plimsoll simulate plan.json --cluster orders --scenario slow-group --for 10m --json',
    'plimsoll simulate plan.json --curve double-11.csv --world high',
  ],

  async run(io) {
    const { stdout, signal, environment } = io;
    const { clusters, policy } = await clustersOf(io, 'simulate');
    const requested = await requestedSimulation(io);
    const days = clusters.flatMap((plan) =>
      requested.scenarios
        // A cluster of one zone has none to lose, unless somebody asks.
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
