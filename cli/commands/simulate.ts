// Simulates a day of each planned cluster, minute by minute, with failures at the peak.

import { simulateScenario } from '../../analyzer/planning/simulation/simulate-plan.ts';
import { DomainsFile } from '../../analyzer/planning/domains/domains-file.ts';
import { sizingPolicy } from '../../analyzer/planning/sizing/sizing-policy.ts';
import { loadConfigFile } from '../../core/config-file.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { defineCommand } from '../command.ts';
import { policyOf } from '../config-option.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { chosenClusters, readPlanFile } from '../../app/planning/plan-file.ts';
import { requestedSimulation, simulationOptions, timesOf } from '../simulate/simulation-options.ts';
import { proposedClusters } from '../../app/planning/proposed-clusters.ts';
import { simulationDocument } from '../../app/planning/simulation-document.ts';
import { simulationText } from '../simulate/simulation-text.ts';

export const simulateCommand = defineCommand({
  name: 'simulate',
  positionals: 'PLAN.json',
  options: simulationOptions,
  examples: [
    'plimsoll size examples/domains.yaml --json > plan.json && plimsoll simulate plan.json',
    'plimsoll simulate plan.json --cluster orders --scenario slow-group --for 10m --json',
    'plimsoll simulate plan.json --curve double-11.csv --world high',
  ],

  async run(io) {
    const { positionals, options, stdout, signal, environment } = io;
    const [path, ...others] = positionals;
    if (path === undefined || others.length > 0) {
      throw new AppError('usage', 'simulate takes one file: a plan that `plimsoll size --json` wrote');
    }
    const requested = await requestedSimulation(io);
    const { domains, cluster, proposed } = options;
    const own = domains !== undefined ? (await loadConfigFile(domains, DomainsFile, { signal })).policy : {};
    const policy = sizingPolicy(await policyOf(io), own);
    const plans = await readPlanFile(path, io);
    const clusters = proposed ? proposedClusters(plans, policy) : chosenClusters(plans, cluster);
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
    stdout.write(
      options.json
        ? `${JSON.stringify(simulationDocument(days, requested.choices), undefined, 2)}\n`
        : simulationText(days, look),
    );
    return days.some(({ verdict }) => verdict.kind === 'broken') ? exitCodes.threshold : exitCodes.answered;
  },
});
