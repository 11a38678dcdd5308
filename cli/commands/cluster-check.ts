// Implements `plimsoll cluster check`: hosts, JVMs, brokers, topics and clients against rules.

import { brokerKinds } from '../../core/cluster.ts';
import { exitCodes } from '../../core/errors.ts';
import type { ClusterCheckReport } from '../../core/documents/cluster-check-report.ts';
import { HostConfig } from '../../hosts/config.ts';
import { openHost } from '../../hosts/registry.ts';
import { clusterCheckReport, isBlind } from '../../ops/cluster-check/report.ts';
import { severities, type Severity } from '../../core/severity.ts';
import { readRules } from '../../ops/cluster-check/rules.ts';
import { clusterArgs, clusterOf } from '../../app/observe/named-cluster.ts';
import { clusterOptions } from '../options.ts';
import { choice, defineCommand, flag, type IoOf, option, renderJson, text } from '../command.ts';
import { hasColours } from '../command-line.ts';
import { lookAtCluster, lookAtMachine, type Looked } from '../../app/cluster-check/look.ts';
import { clusterCheckText } from '../cluster-check/text.ts';
import { parseWaivers, type Waiver } from '../../ops/cluster-check/waivers.ts';
import { readBounded } from '../../app/files/read-bounded.ts';

const clusterCheckOptions = {
  ...clusterOptions,
  'this-machine': option(
    'kafka|rocketmq',
    'check only this machine, as a host of such brokers; contacts no cluster and needs no config file',
    choice(brokerKinds).optional(),
  ),
  'must-not-lose': flag('no message may be lost (orders, payments): check replication and flushing for that'),
  waivers: text('FILE', 'YAML file of accepted findings, each with reason and expiry date'),
  'fail-on': option(
    'SEVERITY',
    `exit with code 6 if there are findings of this severity or worse: ${severities.join(', ')} or never (default critical)`,
    choice([...severities, 'never']).default('critical'),
  ),
  all: flag('show info findings in full, and every rule that could not be checked'),
  json: flag('print the report as one JSON document'),
};

type ClusterCheckIo = IoOf<typeof clusterCheckOptions>;

export const clusterCheckCommand = defineCommand({
  options: clusterCheckOptions,
  examples: [
    'plimsoll cluster check --cluster orders',
    'plimsoll cluster check --cluster orders --waivers waivers.yaml --fail-on warning --json',
    'plimsoll cluster check --bootstrap 10.0.0.5:9092',
    'plimsoll cluster check --this-machine rocketmq',
  ],

  async run(io) {
    const { options, stdout, stderr, clock, environment, signal } = io;
    const failOn = options['fail-on'];
    const rules = readRules();
    const waivers = await readWaivers(
      options.waivers,
      rules.map(({ id }) => id),
      { signal },
    );
    const { checked, notices } = await look(io);
    const report = clusterCheckReport({ checked, rules, waivers, now: clock.now(), notices });
    if (options.json) stdout.write(renderJson(report));
    else {
      stdout.write(clusterCheckText(report, { all: options.all, colours: hasColours(stdout, environment) }));
      for (const notice of notices) stderr.write(`note: ${notice}\n`);
    }
    return exitCodeOf(report, failOn, isBlind(checked, report, options['this-machine'] !== undefined));
  },
});

async function look(io: ClusterCheckIo): Promise<Looked> {
  const { options } = io;
  const mustNotLose = options['must-not-lose'];
  const kind = options['this-machine'];
  await using probes = new AsyncDisposableStack();
  if (kind !== undefined) {
    const host = 'local';
    const probe = probes.use(openHost(host, HostConfig.parse({ probe: 'local' }), { clock: io.clock }));
    return await lookAtMachine(kind, { host, probe, mustNotLose, clock: io.clock }, io);
  }
  const { name, config, hosts } = await clusterOf(io);
  const opened = new Map(
    Object.entries(hosts).map(([host, of]) => [host, probes.use(openHost(host, of, { clock: io.clock }))] as const),
  );
  const parts = { name, args: clusterArgs(options, name), config, hosts, probes: opened, mustNotLose, clock: io.clock };
  return await lookAtCluster(parts, io);
}

/** Findings take precedence over unread rules: a known violation remains one. */
function exitCodeOf({ counts }: ClusterCheckReport, failOn: Severity | 'never', unread: boolean): number {
  const counted = failOn === 'never' ? [] : severities.slice(0, severities.indexOf(failOn) + 1);
  if (counted.some((severity) => counts[severity] > 0)) return exitCodes.threshold;
  return unread ? exitCodes.unknown : exitCodes.answered;
}

/** Larger than a waiver for each rule on each of 200 brokers, with a one-line reason. */
const mostWaiverBytes = 4 * 2 ** 20;

/** @param path if given. @throws AppError not-found, no-permission, waivers-unreadable */
async function readWaivers(
  path: string | undefined,
  rules: readonly string[],
  { signal }: { signal: AbortSignal },
): Promise<Waiver[]> {
  if (path === undefined) return [];
  const yaml = await readBounded(path, { signal }, { most: mostWaiverBytes, fault: 'waivers-unreadable' });
  return parseWaivers(yaml, path, rules);
}
