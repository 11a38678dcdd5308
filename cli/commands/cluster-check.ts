// Is a cluster set up so that a load test of it means something? Machines, JVMs, brokers, topics and clients against rules.

import { isBrokerKind } from '../../core/cluster.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import type { PreflightReport } from '../../core/documents/cluster-check-report.ts';
import { HostConfig } from '../../hosts/config.ts';
import { openHost } from '../../hosts/registry.ts';
import { preflightReport } from '../../ops/cluster-check/report.ts';
import { severities, type Severity } from '../../ops/cluster-check/rule.ts';
import { readRules } from '../../ops/cluster-check/rules.ts';
import { clusterOf, clusterOptions } from '../cluster-option.ts';
import type { Command, CommandIo } from '../command.ts';
import { hasColours } from '../command-line.ts';
import { lookAtCluster, lookAtMachine, type Looked } from '../cluster-check/look.ts';
import { preflightText } from '../cluster-check/text.ts';
import { readWaivers } from '../cluster-check/waiver-file.ts';
import { renderJson } from '../report.ts';

export const preflightCommand = {
  name: 'cluster check',
  options: {
    ...clusterOptions,
    'this-machine': {
      type: 'string',
      value: 'kafka|rocketmq',
      help: 'check only this machine, as a host of such brokers; contacts no cluster and needs no config file',
    },
    'must-not-lose': {
      type: 'boolean',
      help: 'no message may be lost (orders, payments): check replication and flushing for that',
    },
    waivers: {
      type: 'string',
      value: 'FILE',
      help: 'YAML file of accepted findings, each with reason and expiry date',
    },
    'fail-on': {
      type: 'string',
      value: 'SEVERITY',
      help: `exit with code 6 if there are findings of this severity or worse: ${severities.join(', ')} or never (default critical)`,
    },
    all: { type: 'boolean', help: 'show info findings in full, and every rule that could not be checked' },
    json: { type: 'boolean', help: 'print the report as one JSON document (docs/schema/preflight.schema.json)' },
  },
  examples: [
    'plimsoll cluster check --cluster orders',
    'plimsoll cluster check --cluster orders --waivers waivers.yaml --fail-on warning --json',
    'plimsoll cluster check --bootstrap 10.0.0.5:9092',
    'plimsoll cluster check --this-machine rocketmq',
  ],

  async run(io) {
    const { options, stdout, stderr, clock, environment, signal } = io;
    const failOn = failOnOf(options['fail-on']);
    const rules = readRules();
    const waivers = await readWaivers(
      options['waivers'],
      rules.map(({ id }) => id),
      { signal },
    );
    const { sight, notices } = await look(io);
    const report = preflightReport({ sight, rules, waivers, now: clock.now(), notices });
    if (options['json'] === true) stdout.write(renderJson(report));
    else {
      stdout.write(preflightText(report, { all: options['all'] === true, colours: hasColours(stdout, environment) }));
      for (const notice of notices) stderr.write(`note: ${notice}\n`);
    }
    const wasAsked = sight.snapshot !== undefined || options['this-machine'] !== undefined;
    return exitCodeOf(report, { failOn, wasAsked });
  },
} satisfies Command;

async function look(io: CommandIo): Promise<Looked> {
  const { options } = io;
  const mustNotLose = options['must-not-lose'] === true;
  const kind = options['this-machine'];
  await using probes = new AsyncDisposableStack();
  if (kind !== undefined) {
    if (!isBrokerKind(kind)) {
      throw new AppError('usage', `--this-machine ${String(kind)} is not kafka or rocketmq`);
    }
    const host = 'local';
    const probe = probes.use(openHost(host, HostConfig.parse({ probe: 'local' }), { clock: io.clock }));
    return await lookAtMachine(kind, { host, probe, mustNotLose }, io);
  }
  const { name, config, hosts } = await clusterOf(io);
  const opened = new Map(
    Object.entries(hosts).map(([host, of]) => [host, probes.use(openHost(host, of, { clock: io.clock }))] as const),
  );
  return await lookAtCluster({ name, config, hosts, probes: opened, mustNotLose, clock: io.clock }, io);
}

function failOnOf(given: CommandIo['options'][string]): Severity | 'never' {
  if (given === undefined) return 'critical';
  const known = [...severities, 'never' as const].find((each) => each === given);
  if (known !== undefined) return known;
  throw new AppError('usage', `--fail-on ${String(given)}: give one of ${severities.join(', ')}, never`);
}

/** Found goes before unread: what is known to be wrong stays wrong. */
function exitCodeOf(
  { counts, read }: PreflightReport,
  { failOn, wasAsked }: { failOn: Severity | 'never'; wasAsked: boolean },
): number {
  const counted = failOn === 'never' ? [] : severities.slice(0, severities.indexOf(failOn) + 1);
  if (counted.some((severity) => counts[severity] > 0)) return exitCodes.threshold;
  const isBlind = !wasAsked || (read.hosts.length === 0 && read.brokers.length === 0);
  return isBlind ? exitCodes.unknown : exitCodes.answered;
}
