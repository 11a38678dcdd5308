// What does somebody who imports readings state of them? The options of `plimsoll import readings`.

import type { ClockOptions } from '../../analyzer/evidence/importers/host-tools/align.ts';
import { AppError } from '../../core/errors.ts';
import type { HostInventory } from '../../core/documents/evidence/host-reading.ts';
import { BitRate, Size } from '../../core/text/quantity.ts';
import type { CommandIo } from '../command.ts';
import { numberOption } from '../number-option.ts';
import type { LoadTest } from './import-file.ts';

/** @throws AppError not-found for a broker the run does not know, usage for a host no broker is on */
export function brokerOf(
  { environment, cluster }: LoadTest,
  host: string,
  broker: string | undefined,
): string | undefined {
  const ids = environment.brokers.map(({ id }) => id);
  if (broker !== undefined) {
    if (ids.includes(broker)) return broker;
    throw new AppError('not-found', `the run of ${cluster} knows no broker ${broker}`, {
      hint: `it knows ${ids.join(', ')}`,
    });
  }
  const hosts = [
    ...environment.hosts.map((each) => each.host),
    ...environment.brokers.flatMap((each) => each.host ?? []),
  ];
  if (hosts.includes(host)) return undefined;
  throw new AppError('usage', `run.json names no host ${host}: --broker is needed, to say which broker ran on it`, {
    hint: `brokers of the run: ${ids.join(', ')}; hosts: ${[...new Set(hosts)].join(', ') || 'none'}`,
  });
}

/** @throws AppError usage */
export function clockOf(options: CommandIo['options']): ClockOptions {
  const start = stringOption(options, 'start');
  const startMs = start === undefined ? undefined : Date.parse(start);
  if (start !== undefined && (startMs === undefined || Number.isNaN(startMs) || !/(?:Z|[+-]\d\d:?\d\d)$/.test(start))) {
    throw new AppError('usage', `--start: ${JSON.stringify(start)} is no time with a zone`, {
      hint: 'write it like 2026-01-01T12:00:00+08:00 or 2026-01-01T04:00:00Z',
    });
  }
  const intervalSeconds = numberOption(options, 'interval');
  if (intervalSeconds !== undefined && !(intervalSeconds > 0)) {
    throw new AppError('usage', '--interval: an interval is more than 0 seconds');
  }
  return {
    timezone: stringOption(options, 'timezone'),
    startMs,
    intervalSeconds,
    offsetSeconds: numberOption(options, 'clock-offset') ?? 0,
  };
}

/** @throws AppError usage */
export function statedInventory(options: CommandIo['options'], host: string): HostInventory {
  const cores = numberOption(options, 'cores');
  const memory = stringOption(options, 'memory');
  const links = options['link'];
  return {
    host,
    ...(cores !== undefined && { cores }),
    ...(memory !== undefined && { memoryBytes: parsed(Size, memory, 'memory') }),
    ...(Array.isArray(links) &&
      links.length > 0 && {
        networkDevices: links.map((link: string) => {
          const [, device, speed] = /^([^=]+)=(.+)$/.exec(link) ?? [];
          if (device === undefined || speed === undefined) {
            throw new AppError('usage', `--link: ${JSON.stringify(link)} is not CARD=SPEED, such as eth0=1gbit`);
          }
          return { device, speed: { bitsPerSecond: parsed(BitRate, speed, 'link'), source: 'stated at import' } };
        }),
      }),
  };
}

function parsed(schema: typeof Size | typeof BitRate, text: string, option: string): number {
  const result = schema.safeParse(text);
  if (result.success) return result.data;
  throw new AppError('usage', `--${option}: ${result.error.issues[0]?.message ?? text}`);
}

export function stringOption(options: CommandIo['options'], name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}
