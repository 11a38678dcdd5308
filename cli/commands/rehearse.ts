// Declares `plimsoll rehearse`: repeats the last promotion, scaled to the next one, in a lab or on shadow topics.

import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { readVerdict } from '../../app/analysis/verdict-comparison.ts';
import { configPath, loadConfig, type Config } from '../../app/config/config-file.ts';
import { inNamespace } from '../../app/load-test/in-namespace.ts';
import { planRehearsal } from '../../app/rehearsal/plan-rehearsal.ts';
import { requestedHistory } from '../../app/rehearsal/requested-history.ts';
import { runRehearsal } from '../../app/rehearsal/run-rehearsal.ts';
import { scaleOf } from '../../app/rehearsal/scale.ts';
import type { RehearsalDocument } from '../../core/documents/rehearsal.ts';
import { exitCodes } from '../../core/errors.ts';
import { resolvePolicy } from '../../core/policy/policy-config.ts';
import { Duration } from '../../core/text/quantity.ts';
import { configPath as labConfigPath } from '../../lab/stop-lab.ts';
import { configFileOption } from '../options.ts';
import {
  commaSeparated,
  defineCommand,
  flag,
  type IoOf,
  list,
  option,
  PositiveAmount,
  renderJson,
  text,
  wholeNumber,
} from '../command.ts';
import { runCallerOf } from '../load/run-request.ts';
import { rehearsalText } from '../rehearse/rehearsal-text.ts';

const NamedText = z.string().transform((typed) => {
  const [, name, value] = /^([^=]+)=(.+)$/s.exec(typed) ?? [];
  return name === undefined || value === undefined ? { name: '', value: typed } : { name, value };
});
const NamedValue = NamedText.refine(({ name }) => name !== '', 'write NAME=VALUE');
const NamedDuration = NamedValue.pipe(z.object({ name: z.string(), value: Duration }));

const rehearseOptions = {
  promotion: option('NAME', 'the next promotion, a name in service.promotions', z.string().min(1), {
    hint: 'write --promotion "Double 11 2026"',
  }),
  config: configFileOption,
  cluster: text('NAME', 'name of the cluster in the config file (default: the only one)'),
  from: text(
    'TIME',
    'start of the past promotion to replay (default: the latest past promotion in service.promotions whose name differs only in the year)',
  ),
  to: text('TIME', 'end of the past promotion'),
  prometheus: text('URL', 'read the past traffic from this server (default: the source of service.clusters.NAME)'),
  history: text('FILE', 'read the past traffic from this file, which --save-history wrote'),
  'save-history': text('FILE', 'write the past traffic to this file'),
  interval: option('TIME', 'interval between rates (default 1m, less in a short promotion)', Duration.optional()),
  topics: option(
    'NAMES',
    'topics, separated by commas (default: all with at least 1% of the messages)',
    commaSeparated(z.string().min(1)).default([]),
  ),
  forecast: text('FILE', 'scale the traffic to this forecast of `plimsoll forecast --json`'),
  peak: option(
    'RATE',
    'scale all rates so that the highest is this one, in messages per second',
    PositiveAmount.optional(),
  ),
  scale: option('N', 'multiply every rate by this number', PositiveAmount.optional()),
  capture: list('TOPIC=FILE', 'message sizes and keys of the topic, a file of `plimsoll capture`', NamedValue),
  'message-size': list('TOPIC=SIZE', 'message size of the topic; without TOPIC=, of all others', NamedText),
  processing: list('GROUP=TIME', 'processing time of the group for one message', NamedDuration),
  analysis: text('RUN', 'predict with the limits of this run, or of this output of `analyze --json`'),
  duration: option('TIME', 'compress the promotion to this time (default 10m)', Duration.prefault('10m')),
  compress: option('N', 'instead of --duration: run N times as fast; 1 is full length', PositiveAmount.optional()),
  step: option(
    'TIME',
    'length of a step with constant rates (default 1/60 of the duration, at least 8s)',
    Duration.optional(),
  ),
  workers: option('N', 'producer threads (default 1)', wholeNumber(1, 64).optional()),
  partitions: option('N', 'partitions of each shadow topic (default 12)', wholeNumber(1, 10_000).optional()),
  'replication-factor': option(
    'N',
    'copies of each shadow topic (default 3, or the number of brokers)',
    wholeNumber(1, 32).optional(),
  ),
  lab: text('DIR', 'run in the lab of `plimsoll lab up --state-dir DIR`'),
  'stop-broker': text('ID', 'kill this broker of the lab at the peak'),
  'stop-for': option('TIME', 'start the broker again after this time (default 60s)', Duration.prefault('60s')),
  out: text('DIR', 'folder of the run bundle; must not exist (default runs/<run id>)'),
  'accept-blind': flag('run even if some brokers have no host metrics'),
  'no-calibration': flag('skip the calibration of the load generator'),
  execute: flag('run the rehearsal; without it nothing is sent'),
  json: flag('print one JSON document (docs/schema/rehearsal.schema.json)'),
};

type RehearseIo = IoOf<typeof rehearseOptions>;

export const rehearseCommand = defineCommand({
  options: rehearseOptions,
  examples: [
    'plimsoll rehearse --promotion "Double 11 2026" --forecast ahead.json --capture orders=orders.json',
    'plimsoll rehearse --promotion "Double 11 2026" --peak 70000 --message-size 1KiB --lab lab --stop-broker 2 --execute',
  ],

  async run(io) {
    const { options, signal } = io;
    const history = await requestedHistory(options, io);
    const labDirectory = options.lab === undefined ? undefined : resolve(options.lab, 'lab');
    const config = await loadConfig(
      labDirectory === undefined ? configPath(options.config) : labConfigPath(labDirectory),
      { signal },
    );
    // The network of a lab does not reach Prometheus, so its data is passed as a file.
    await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-rehearse-'));
    const handedOver = join(folder.path, 'history.json');
    await writeFile(handedOver, JSON.stringify(history.recorded));
    const more = options.history === undefined ? ['--history', handedOver] : [];
    return await inNamespace(config, io, (inside) => rehearse(inside, config, history, labDirectory), more);
  },
});

async function rehearse(
  io: RehearseIo,
  config: Config,
  { recorded, target }: Awaited<ReturnType<typeof requestedHistory>>,
  labDirectory: string | undefined,
): Promise<number> {
  const { options, signal, clock } = io;
  const { promotion, forecast, peak: peakTps, scale, compress } = options;
  const nowMs = clock.now().getTime();
  const policy = resolvePolicy(config.analyzer);
  const request = {
    promotion,
    history: recorded,
    scale: await scaleOf(recorded, { promotion, target, forecast, peakTps, scale, nowMs }, { signal }),
    configFile: labDirectory === undefined ? options.config : labConfigPath(labDirectory),
    cluster: labDirectory === undefined ? options.cluster : undefined,
    durationSeconds: options.duration,
    compress,
    stepSeconds: options.step,
    captures: options.capture,
    messageSizes: options['message-size'],
    processing: options.processing,
    analysis: options.analysis === undefined ? undefined : await readVerdict(options.analysis, { policy, signal }),
    workers: options.workers,
    partitions: options.partitions,
    replicationFactor: options['replication-factor'],
    stopBroker: options['stop-broker'],
    stopSeconds: options['stop-for'],
    out: options.out,
    acceptBlind: options['accept-blind'],
    calibrate: options['no-calibration'] ? false : undefined,
    labDirectory,
  };
  const planned = await planRehearsal(config, request, io);
  if (!options.execute) return print(planned.document, io);
  io.stderr.write(rehearsalText(planned.document));
  return print(await runRehearsal(planned, config, request, runCallerOf(io)), io);
}

function print(document: RehearsalDocument, { options, stdout }: RehearseIo): number {
  stdout.write(options.json ? renderJson(document) : rehearsalText(document));
  const { seen } = document.result ?? {};
  if (seen === undefined || seen.kind === 'none') return exitCodes.answered;
  return seen.kind === 'failure' ? exitCodes.unknown : exitCodes.invalidRun;
}
