// Plans the clusters and brokers of each business domain from its demand and from load tests.

import { pluralText } from '../../core/text/quantity-text.ts';
import { z } from 'zod';
import { sizeDomains } from '../../analyzer/planning/sizing/size-domains.ts';
import { mostSimulations, type ClusterPlans } from '../../core/documents/cluster-plan.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { renderSite } from '../../app/instances/render-site.ts';
import { renderPlan } from '../../ops/render/render-plan.ts';
import { writeRendered } from '../../ops/render/write-rendered.ts';
import { hasColours } from '../command-line.ts';
import { defineCommand, flag, oneWord, option, printDocument, text, wholeNumber } from '../command.ts';
import { policyOf, policyOption } from '../options.ts';
import { progressLine } from '../progress-bar.ts';
import { plansText } from '../size/plans-text.ts';
import { readDomains } from '../../app/planning/read-domains.ts';

/** Default of Netflix's planner is 128; its examples use 512 to 1,024. */
const usualWorlds = 512;
/** Fewer are sized too fast to need a progress line. */
const manyDomains = 100;

export const sizeCommand = defineCommand({
  positionals: 'DOMAINS.yaml',
  options: {
    catalogue: text('FILE', 'YAML file of hardware shapes (default: `catalogue` in the domains file)'),
    config: policyOption,
    seed: option(
      'TEXT',
      'random seed; the same seed gives the same plan (default plimsoll)',
      z.string().default('plimsoll'),
    ),
    simulations: {
      ...option(
        'N',
        `number of simulations of demand and capacity, 32 to ${mostSimulations} (default ${usualWorlds})`,
        wholeNumber(32, mostSimulations).default(usualWorlds),
      ),
      formerly: 'worlds',
    },
    render: text('DIR', 'write files for each host: broker settings, kernel, limits, JVM flags, systemd units'),
    site: text('SITE.yaml', 'with --render: place the hosts on machines, and write instances.yaml to install them'),
    verbose: flag('also print reserves, parts of the cost, rejected alternatives, assumptions and notes'),
    json: flag('print the plan as one JSON document; docs/schema/cluster-plan.schema.json'),
  },
  examples: [
    'plimsoll size examples/domains.yaml',
    'plimsoll size domains.yaml --catalogue machines.yaml --json > plan.json',
    'plimsoll size examples/domains-article.yaml',
  ],

  async run(io) {
    const { options, stdout, stderr, environment, signal } = io;
    const path = oneWord(io, 'size', 'a file of business domains');
    const reading = await readDomains(path, { catalogue: options.catalogue, policy: await policyOf(io), signal });
    const line = progressLine(stderr);
    const isLong = Object.keys(reading.file.domains).length >= manyDomains;
    const plans = sizeDomains({ ...reading, seed: options.seed, worlds: options.simulations }, (done, all) => {
      signal.throwIfAborted();
      if (isLong && done % manyDomains === 0) line.show(`sized ${done} of ${all} clusters`);
    });
    if (isLong) line.clear();
    const directory = options.render;
    if (directory === undefined && options.site !== undefined) throw new AppError('usage', '--site needs --render DIR');
    if (directory !== undefined) {
      const { site } = options;
      const files =
        site === undefined ? renderPlan(plans.clusters) : (await renderSite(site, { signal }, plans.clusters)).files;
      await writeRendered(directory, files, { signal });
      stderr.write(`wrote ${pluralText(files.length, 'file')} to ${directory}\n`);
    }
    printDocument(io, plans, () =>
      plansText(plans, { path, colours: hasColours(stdout, environment), isVerbose: options.verbose }),
    );
    return exitCodeOf(plans);
  },
});

/** A domain without a cluster, or a proposal that is too small, exceeds a threshold; an unmeasured one is unknown. */
function exitCodeOf({ refused, judged = [] }: ClusterPlans): number {
  const isUnmeasured = ({ rejections }: ClusterPlans['refused'][number]) =>
    rejections.every(({ reason }) => reason === 'not-measured' || reason === 'rule');
  if (refused.some((each) => !isUnmeasured(each)) || judged.some(({ verdict }) => verdict === 'not-enough')) {
    return exitCodes.threshold;
  }
  return refused.length > 0 || judged.some(({ verdict }) => verdict === 'not-measured')
    ? exitCodes.unknown
    : exitCodes.answered;
}
