// Implements `plimsoll sources check`: lists the figures that a monitoring system has and lacks.

import { checkSource, type FigureSource, type SourceCheck } from '../../analyzer/evidence/sources/telemetry.ts';
import { queriesFor } from '../../analyzer/evidence/sources/cloudwatch-queries.ts';
import type { SourceConfig } from '../../analyzer/evidence/sources/config.ts';
import { defined } from '../../core/defined.ts';
import { AppError, exitCodes } from '../../core/errors.ts';
import { ZonedTime } from '../../core/local-moment.ts';
import { defineCommand, duration, flag, option, printDocument, text } from '../command.ts';
import { requiredSource } from '../../app/analysis/telemetry-source.ts';
import { configFileOption } from '../options.ts';
import { columnsOf, renderTable } from '../../core/text/table.ts';

export const sourcesCheckCommand = defineCommand({
  positionals: '[NAME]',
  options: {
    prometheus: text('URL', 'check this server (default: NAME under `sources` in the config)'),
    config: configFileOption,
    cluster: text('NAME', 'name of the cluster in the source, if it has several'),
    last: duration('length of the window before --to, such as 15m, 6h or 7d (default 1h)', 3600),
    to: option('TIME', 'end of the window, ISO 8601 with a zone (default now)', ZonedTime.optional(), {
      hint: 'write it like 2026-06-18T20:00:00Z or 2026-06-19T04:00:00+08:00',
    }),
    queries: flag('only print the queries for `aws cloudwatch get-metric-data`'),
    json: flag('print one JSON document: { schemaVersion, source, from, to, cluster, figures, warnings }'),
  },
  examples: [
    'plimsoll sources check --prometheus http://127.0.0.1:9090',
    'plimsoll sources check prod --cluster orders --last 24h --json',
  ],

  async run(io) {
    const { options, positionals, stdout, signal, clock } = io;
    const [named, ...others] = positionals;
    if (others.length > 0) throw new AppError('usage', 'sources check takes one source');
    const { name, source } = await requiredSource({ ...options, source: named }, signal);
    if (options.queries) {
      stdout.write(queriesOf(source));
      return exitCodes.answered;
    }
    const to = new Date(options.to ?? clock.now());
    const from = new Date(to.getTime() - options.last * 1000);
    const { cluster } = options;
    const check = await checkSource(source, defined({ from, to, stepSeconds: 60, cluster }), { signal, clock, name });
    printDocument(io, documentOf(name, check, { from, to }), () => asText(name, check));
    return isEnough(check.inventory) ? exitCodes.answered : exitCodes.unknown;
  },
});

function queriesOf(source: SourceConfig): string {
  if (source.kind !== 'cloudwatch' && source.kind !== 'cloudwatch-export') {
    throw new AppError('usage', '--queries is for a source of kind cloudwatch or cloudwatch-export');
  }
  const period = source.kind === 'cloudwatch' ? source.period : 60;
  return `${JSON.stringify(queriesFor(source, period), undefined, 2)}\n`;
}

/** Whether there is a figure of a broker or of the cluster's traffic, and one of a host. */
function isEnough(inventory: readonly FigureSource[]): boolean {
  const has = (figure: string) => inventory.some((each) => each.figure === figure && each.kind === 'found');
  return has('busyCores') && (has('messagesInPerSecond') || has('offsetsPerSecond'));
}

function documentOf(
  source: string,
  { cluster, inventory, warnings }: SourceCheck,
  { from, to }: { from: Date; to: Date },
): object {
  return {
    schemaVersion: 1,
    source,
    from: from.toISOString(),
    to: to.toISOString(),
    ...(cluster !== undefined && { cluster }),
    figures: inventory,
    warnings,
  };
}

function asText(source: string, { cluster, inventory, reportedSpeeds = [], warnings }: SourceCheck): string {
  const rows = inventory
    .filter((figure) => figure.kind === 'found' || figure.isNeeded)
    .map((figure) => [
      figure.of,
      figure.figure,
      figure.kind === 'found' ? figure.scheme : figure.isNeeded ? 'MISSING' : '',
      figure.kind === 'found' ? figure.targets.join(' ') : '',
      figure.kind === 'found' ? figure.missingFor.join(' ') : 'all',
    ]);
  const columns = columnsOf(['OF', 'FIGURE', 'SCHEME', 'FOUND FOR', 'MISSING FOR']);
  const missing = inventory.filter((figure) => figure.isNeeded && figure.kind === 'missing');
  const speeds = missing.some(({ figure }) => figure === 'linkBytesPerSecond') ? reportedSpeeds : [];
  return [
    `${source}${cluster === undefined ? '' : `, cluster ${cluster}`}\n\n`,
    renderTable(columns, rows),
    ...warnings.map((warning) => `\nThe source warns: ${warning}\n`),
    missing.length === 0 ? '' : `\nLimits of missing figures stay unknown. Metrics searched for:\n`,
    ...missing.map(
      (figure) => `  ${figure.figure}: ${figure.kind === 'missing' ? figure.triedMetrics.join(', ') : ''}\n`,
    ),
    speeds.length === 0
      ? ''
      : '\nThe hosts report these link speeds. If no virtual network is slower, copy them to `hosts` of the source:\n',
    ...speeds.map(({ host, device, bitsPerSecond }, index) => {
      const isFirst = speeds.findIndex((each) => each.host === host) === index;
      return `  ${isFirst ? '' : '# or '}${host}: { speed: ${statedSpeed(bitsPerSecond)} } # ${device}\n`;
    }),
  ].join('');
}

/** In the notation of the config file. */
const statedSpeed = (bitsPerSecond: number): string =>
  bitsPerSecond % 1e9 === 0 ? `${bitsPerSecond / 1e9}gbit` : `${bitsPerSecond / 1e6}mbit`;
