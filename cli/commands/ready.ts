// Implements `plimsoll ready`: checks the metrics that a load test needs for its verdicts.

import { driverOf } from '../../brokers/registry.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { stateFolder } from '../../core/user-folders.ts';
import {
  alikeMissing,
  findMissingMetrics,
  refuseMissingMetrics,
  hostMetrics,
  type MissingMetric,
  type BrokerCoverage,
} from '../../loadgen/guard/readiness.ts';
import { clusterOf, verifyLive } from '../../app/observe/named-cluster.ts';
import { clusterOptions } from '../options.ts';
import { hasColours } from '../command-line.ts';
import { defineCommand, flag, printDocument } from '../command.ts';
import { lookAtBrokers } from '../../app/load-test/broker-coverage.ts';
import { describedOnce } from '../../app/observe/read-once.ts';
import { unmonitoredTexts } from '../../app/load-test/notices.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';

export const readyCommand = defineCommand({
  options: {
    config: clusterOptions.config,
    cluster: clusterOptions.cluster,
    'accept-blind': flag('exit with 0 even if hosts have no metrics'),
    json: flag('print the result as one JSON document'),
  },
  examples: ['plimsoll ready', 'plimsoll ready --cluster orders --json'],

  async run(io) {
    const { options, stdout, signal, clock, environment } = io;
    const { name, config, hosts, loadgen } = await clusterOf(io);
    await using opened = await driverOf(config).inspect(name, config, { signal });
    const inspector = describedOnce(opened);
    const cluster = await inspector.describe({ signal });
    const { brokers, unlisted } = await lookAtBrokers(
      { inspector, stated: config.brokers, hosts, stateDirectory: stateFolder(environment), clock },
      { signal },
    );
    const blind = findMissingMetrics(brokers, unlisted);
    const notMonitored = unmonitoredTexts(
      config,
      hosts,
      brokers.map(({ broker }) => broker),
    );
    const isCompared = config.clusterId !== undefined || config.loadTest !== undefined;
    const refusal = isCompared ? faultIn(() => verifyLive({ name, config }, cluster)) : undefined;
    const accepted = options['accept-blind'] === true ? hostMetrics : (loadgen?.acceptBlind ?? []);
    const fault = refusal ?? faultIn(() => refuseMissingMetrics(name, blind, accepted));
    printDocument(io, readyDocument(name, { brokers, blind, notMonitored, refusal, fault }), () =>
      renderReadiness(brokers, blind, notMonitored, hasColours(stdout, environment)),
    );
    if (options.json) return fault?.exitCode ?? exitCodes.answered;
    if (fault !== undefined) throw fault;
    return exitCodes.answered;
  },
});

function faultIn(check: () => unknown): AppError | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

interface Readiness {
  brokers: readonly BrokerCoverage[];
  blind: readonly MissingMetric[];
  notMonitored: readonly string[];
  /** Why a load test would be refused, if so. */
  refusal: AppError | undefined;
  /** Error of the command: the refusal, or missing metrics that are not accepted. */
  fault: AppError | undefined;
}

const readyDocument = (cluster: string, { brokers, blind, notMonitored, refusal, fault }: Readiness) => ({
  schemaVersion: 1,
  cluster,
  ready: blind.length === 0 && refusal === undefined,
  ...(refusal && { refused: refusal.message }),
  ...(fault && { error: { code: fault.code, message: fault.message, hint: fault.hint } }),
  brokers: brokers.map(({ broker, host }) => ({
    broker,
    ...(host !== undefined && { host }),
    inSight: hostMetrics.filter((what) => !blind.some((each) => each.broker === broker && each.what === what)),
  })),
  blind,
  ...(notMonitored.length > 0 && { notMonitored }),
});

function renderReadiness(
  brokers: readonly BrokerCoverage[],
  blind: readonly MissingMetric[],
  notMonitored: readonly string[],
  colours: boolean,
): string {
  const rows = brokers.map(({ broker, host }) => [
    broker,
    host ?? '',
    ...hostMetrics.map((what) =>
      blind.some((each) => each.broker === broker && each.what === what) ? 'missing' : 'ok',
    ),
  ]);
  const columns = columnsOf(['broker', 'host', ...hostMetrics]);
  const notes = [
    ...alikeMissing(blind).map(
      ({ metrics, reason, unknown }) => `no ${metrics}: ${reason}\n  stays unknown: ${unknown}\n`,
    ),
    ...notMonitored.map((text) => `${text}\n`),
  ];
  return `${renderTable(columns, rows, { colours })}${notes.length === 0 ? '' : `\n${notes.join('')}`}`;
}
