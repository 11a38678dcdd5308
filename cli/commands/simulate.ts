// Simulates a day of each planned cluster, minute by minute, with a failure at the peak.

import { simulateScenario } from '../../analyzer/planning/simulation/simulate-plan.ts';
import { DomainsFile } from '../../analyzer/planning/domains/domains-file.ts';
import { sizingPolicy } from '../../analyzer/planning/sizing/sizing-policy.ts';
import { loadConfigFile } from '../../core/config-file.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import type { Command } from '../command.ts';
import { policyOf, policyOption } from '../config.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { chosenClusters, readPlanFile } from '../plan-file.ts';
import { askedSimulation, timesOf } from '../simulate/asked-simulation.ts';
import { proposedClusters } from '../simulate/proposed-clusters.ts';
import { simulationDocument } from '../simulate/simulation-document.ts';
import { simulationText } from '../simulate/simulation-text.ts';

export const simulateCommand = {
  name: 'simulate',
  positionals: 'PLAN.json',
  options: {
    cluster: { type: 'string', value: 'NAME', help: 'one cluster of the plan (default all)' },
    proposed: { type: 'boolean', help: 'what the domains propose, not what was planned for them' },
    scenario: {
      type: 'string',
      value: 'NAME',
      help: 'calm, broker-lost, zone-lost, rolling-restart or slow-group (default all that the cluster has)',
    },
    at: { type: 'string', value: 'HH:MM', help: 'when it happens (default at the peak)' },
    for: { type: 'string', value: 'TIME', help: 'how long (default 30m; of each restart 5m; of a slow group 10m)' },
    'slow-to': { type: 'string', value: 'SHARE', help: 'of its load that the slow group takes meanwhile (default 0)' },
    curve: {
      type: 'string',
      value: 'FILE.csv',
      help: 'time,value through the day; its highest value is the planned peak (default dayCurve of the domains, or a usual day)',
    },
    world: { type: 'string', value: 'NAME', help: 'low, mid or high end of the planned peak (default mid)' },
    'consumer-speed': {
      type: 'string',
      value: 'RATIO',
      help: 'what a group takes at most over the planned peak (default 1.33, what plans keep for catching up)',
    },
    unthrottled: {
      type: 'boolean',
      help: 'a broker that comes back fetches as fast as its card goes, not within policy',
    },
    domains: { type: 'string', value: 'FILE', help: 'domains file whose policy the plan was made with' },
    config: policyOption,
    json: { type: 'boolean', help: 'print one JSON document; of one cluster and scenario with each minute' },
  },
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
    const asked = await askedSimulation(io);
    const domains = options['domains'];
    const own = typeof domains === 'string' ? (await loadConfigFile(domains, DomainsFile, { signal })).policy : {};
    const policy = sizingPolicy(await policyOf(io), own);
    const name = options['cluster'];
    const plans = await readPlanFile(path, io);
    const clusters =
      options['proposed'] === true
        ? proposedClusters(plans, policy)
        : chosenClusters(plans, typeof name === 'string' ? name : undefined);
    const days = clusters.flatMap((plan) =>
      asked.scenarios
        // A cluster of one zone has none to lose, unless somebody asks.
        .filter((scenario) => scenario !== 'zone-lost' || plan.zones.length > 1 || asked.scenarios.length === 1)
        .map((scenario) => {
          signal.throwIfAborted();
          const { choices } = asked;
          return simulateScenario(plan, policy, {
            scenario,
            choices,
            timesOf: (load) => timesOf(scenario, load, asked.times),
          });
        }),
    );
    const look = { columns: stdout.columns, isPlain: !knowsUnicode(environment) };
    stdout.write(
      options['json'] === true
        ? `${JSON.stringify(simulationDocument(days, asked.choices), undefined, 2)}\n`
        : simulationText(days, look),
    );
    return days.some(({ verdict }) => verdict.kind === 'broken') ? exitCodes.threshold : exitCodes.answered;
  },
} satisfies Command;
