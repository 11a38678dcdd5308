// Simulates each single failure of planned clusters in each hour of the day.

import { blastRadiusOf } from '../../analyzer/planning/simulation/blast-radius.ts';
import { DomainsFile } from '../../analyzer/planning/domains/domains-file.ts';
import { sizingPolicy } from '../../analyzer/planning/sizing/sizing-policy.ts';
import { chosenClusters, readPlanFile } from '../../app/planning/plan-file.ts';
import { proposedClusters } from '../../app/planning/proposed-clusters.ts';
import { loadConfigFile } from '../../core/config-file.ts';
import { blastRadiusSchemaVersion, type BlastRadiusDocument } from '../../core/documents/blast-radius.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { defineCommand } from '../command.ts';
import { policyOf } from '../config-option.ts';
import { flag } from '../option.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { blastRadiusText } from '../simulate/blast-radius-text.ts';
import { choicesOf, planOptions, usualSeconds } from '../simulate/simulation-options.ts';

export const blastRadiusCommand = defineCommand({
  name: 'blast-radius',
  positionals: 'PLAN.json',
  options: { ...planOptions, verbose: flag('also print failures that affect no domain and no broker') },
  examples: [
    'plimsoll size examples/domains.yaml --json > plan.json && plimsoll blast-radius plan.json',
    'plimsoll blast-radius plan.json --cluster orders --for 2h --world high --json',
  ],

  async run(io) {
    const { positionals, options, stdout, signal, environment } = io;
    const [path, ...others] = positionals;
    if (path === undefined || others.length > 0) {
      throw new AppError('usage', 'blast-radius takes one file: a plan that `plimsoll size --json` wrote');
    }
    const choices = await choicesOf(io);
    const { domains, cluster, proposed, for: lasts = usualSeconds['broker-lost'] } = options;
    const own = domains !== undefined ? (await loadConfigFile(domains, DomainsFile, { signal })).policy : {};
    const policy = sizingPolicy(await policyOf(io), own);
    const plans = await readPlanFile(path, io);
    const document: BlastRadiusDocument = {
      schemaVersion: blastRadiusSchemaVersion,
      kind: 'blast-radius',
      world: choices.world,
      consumerSpeed: choices.consumerSpeed,
      lastsSeconds: lasts,
      clusters: (proposed ? proposedClusters(plans, policy) : chosenClusters(plans, cluster)).map((plan) => {
        signal.throwIfAborted();
        return blastRadiusOf(plan, policy, { choices, lastsSeconds: lasts });
      }),
    };
    stdout.write(
      options.json
        ? `${JSON.stringify(document, undefined, 2)}\n`
        : blastRadiusText(document, { isPlain: !knowsUnicode(environment), isVerbose: options.verbose }),
    );
    const isBroken = document.clusters.some(({ failures }) => failures.some((each) => each.isBroken));
    return isBroken ? exitCodes.threshold : exitCodes.answered;
  },
});
