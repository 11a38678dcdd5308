// Simulates each single failure of planned clusters in each hour of the day.

import { blastRadiusOf } from '../../analyzer/planning/simulation/blast-radius.ts';
import { blastRadiusSchemaVersion, type BlastRadiusDocument } from '../../core/documents/blast-radius.ts';
import { exitCodes } from '../../core/errors.ts';
import { defineCommand } from '../command.ts';
import { flag } from '../option.ts';
import { knowsUnicode } from '../dry-run/draw-curve.ts';
import { printDocument } from '../report.ts';
import { blastRadiusText } from '../simulate/blast-radius-text.ts';
import { choicesOf, clustersOf, planOptions, usualSeconds } from '../simulate/simulation-options.ts';

export const blastRadiusCommand = defineCommand({
  positionals: 'PLAN.json',
  options: { ...planOptions, verbose: flag('also print failures that affect no domain and no broker') },
  examples: [
    'plimsoll size examples/domains.yaml --json > plan.json && plimsoll blast-radius plan.json',
    'plimsoll blast-radius plan.json --cluster orders --for 2h --world high --json',
  ],

  async run(io) {
    const { options, signal, environment } = io;
    const { clusters, policy } = await clustersOf(io, 'blast-radius');
    const choices = await choicesOf(io);
    const { for: lasts = usualSeconds['broker-lost'] } = options;
    const document: BlastRadiusDocument = {
      schemaVersion: blastRadiusSchemaVersion,
      kind: 'blast-radius',
      world: choices.world,
      consumerSpeed: choices.consumerSpeed,
      lastsSeconds: lasts,
      clusters: clusters.map((plan) => {
        signal.throwIfAborted();
        return blastRadiusOf(plan, policy, { choices, lastsSeconds: lasts });
      }),
    };
    printDocument(io, document, () =>
      blastRadiusText(document, { isPlain: !knowsUnicode(environment), isVerbose: options.verbose }),
    );
    const isBroken = document.clusters.some(({ failures }) => failures.some((each) => each.isBroken));
    return isBroken ? exitCodes.threshold : exitCodes.answered;
  },
});
