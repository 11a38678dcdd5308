// Compares every probe with a real node_exporter on this machine.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { createLogger } from '../../core/log.ts';
import { collectors } from '../../exporter/registry.ts';
import { createMetricsPage } from '../../exporter/metrics-page.ts';
import { HostConfig } from '../../hosts/config.ts';
import { openHost, type probes } from '../../hosts/registry.ts';
import { parseExposition, type Exposition } from '../support/exposition.ts';
import { startNodeExporter, type NodeExporter } from '../support/node-exporter.ts';
import { requires } from '../support/prerequisites.ts';
import { makeKey, publicKeyOf, startSshd, type Sshd } from '../support/sshd.ts';

const definitions = Object.values(collectors)
  .filter(({ follows }) => follows === 'prometheus/node_exporter')
  .flatMap(({ metrics }) => Object.entries(metrics));
const names = new Set(definitions.map(([name]) => name));

/** Series that differ on purpose; docs/reference/compatibility.md explains the reasons to users. */
const onPurpose: readonly { series: RegExp; why: string }[] = [
  { series: /^node_disk_\w+\{.*device="zram\d+"/, why: 'a RAM disk is none; node_exporter leaves it out from 1.6 on' },
  { series: /^node_netstat_TcpExt_(TCPOFOQueue|TCPRcvQDrop)$/, why: 'of node_exporter 1.6 and later' },
  { series: /^node_timex_/, why: 'no file tells adjtimex(2); only a node_exporter does' },
];

/** Readers count themselves, too: threads, and over SSH a few processes with 8 MB of memory each for the duration. */
const ofTheReading: readonly { series: RegExp; kinds: readonly string[]; most: number }[] = [
  { series: /^node_procs_running$/, kinds: ['local', 'ssh'], most: 16 },
  {
    series:
      /^node_memory_(?:Committed_AS|AnonPages|Active|Inactive|Active_anon|Inactive_anon|PageTables|KernelStack|Mapped|MemFree|MemAvailable)_bytes$/,
    kinds: ['ssh'],
    most: 32 * 2 ** 20,
  },
];

/** A gauge may leave the range between two readings and return, so it has this many tries; a counter has one. */
const tries = 20;

const clock = 'node_time_seconds';
/** Deadline of a page, in seconds. */
const slowestSeconds = 10;

requires('node-exporter', 'sshd').describe('compared with a real node_exporter', () => {
  let peer: NodeExporter;
  let sshd: Sshd;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'plimsoll-node-exporter-'));
    peer = await startNodeExporter();
    sshd = await startSshd({ folder, authorized: [publicKeyOf(makeKey(folder, 'user_key'))] });
    writeFileSync(join(folder, 'known_hosts'), `${sshd.knownHost}\n`);
  });
  afterAll(async () => {
    await Promise.all([peer[Symbol.asyncDispose](), sshd[Symbol.asyncDispose]()]);
    rmSync(folder, { recursive: true });
  });

  const configs: Record<keyof typeof probes, () => object> = {
    local: () => ({}),
    ssh: () => ({
      address: `127.0.0.1:${sshd.port}`,
      user: userInfo().username,
      privateKeyFile: join(folder, 'user_key'),
      knownHostsFile: join(folder, 'known_hosts'),
    }),
    'node-exporter': () => ({ url: peer.url }),
  };

  test.each(Object.entries(configs))('%s: exports the same series, types and values', async (kind, config) => {
    await using probe = openHost('here', HostConfig.parse({ probe: kind, ...config() }));
    const page = createMetricsPage({
      clusters: [],
      hosts: [{ name: 'here', probe }],
      clock: systemClock,
      log: createLogger('silent'),
      metrics: [],
    });
    const ours = async () => {
      const { chunks } = await page.render({ signal: AbortSignal.timeout(slowestSeconds * 1000) });
      return parseExposition(Buffer.concat([...chunks('text')]).toString());
    };
    const theirs = async () => parseExposition(await peer.page());
    // The first readings open files and connections that others then find open.
    await ours();

    let unsettled: Map<string, string> | undefined;
    for (let attempt = 1; attempt <= tries && unsettled?.size !== 0; attempt++) {
      const before = await theirs();
      const mine = await ours();
      const after = await theirs();
      if (unsettled === undefined) compareFamilies(mine, before);
      expect(valuesOf(before).size).toBeGreaterThan(250);
      const values = valuesOf(mine);
      // Over SSH it is computed from boot time in whole seconds and uptime: early by less than one second.
      const now = values.get(clock);
      if (kind === 'ssh' && now !== undefined) {
        values.delete(clock);
        expect((valuesOf(after).get(clock) ?? 0) - now).toBeLessThan(1 + slowestSeconds);
        expect(now).toBeLessThanOrEqual(valuesOf(after).get(clock) ?? 0);
      }
      const outside = outsideOf(values, valuesOf(before), valuesOf(after), kind);
      const steady: Map<string, string> = new Map([...outside].filter(([series]) => isCounter(series, before)));
      expect(steady, 'counters outside the span between two readings').toEqual(new Map());
      unsettled = new Map([...outside].filter(([series]) => unsettled?.has(series) ?? true));
    }
    expect(unsettled, `gauges outside of every one of ${tries} spans`).toEqual(new Map());
  });
});

function compareFamilies(ours: Exposition, theirs: Exposition): void {
  expect([...valuesOf(ours).keys()].sort()).toEqual([...valuesOf(theirs).keys()].sort());
  for (const [name, type] of ours.types)
    if (theirs.types.has(name)) expect([name, type]).toEqual([name, theirs.types.get(name)]);
}

/** Series that both should have, without the label that /metrics adds. */
function valuesOf({ samples }: Exposition): Map<string, number> {
  const mine = [...samples].map(([key, value]) => [withoutHost(key), Number(value)] as const);
  return new Map(
    mine.filter(([key]) => names.has(key.replace(/\{.*/s, '')) && !onPurpose.some(({ series }) => series.test(key))),
  );
}

const withoutHost = (key: string) =>
  key
    .replace(/host="here",?/, '')
    .replace(',}', '}')
    .replace('{}', '');

const isCounter = (series: string, { types }: Exposition) => types.get(series.replace(/\{.*/s, '')) === 'counter';

/** @returns series out of range, with details; compared with 15 digits, since Go multiplies ticks by 0.001 */
function outsideOf(ours: Map<string, number>, before: Map<string, number>, after: Map<string, number>, kind: string) {
  const round = (value: number) => Number(value.toPrecision(15));
  return new Map(
    [...ours].flatMap(([series, value]) => {
      const ends = [before.get(series), after.get(series)].filter((end) => end !== undefined).map(round);
      if (ends.length === 0) return [];
      const own = ofTheReading.find((each) => each.series.test(series) && each.kinds.includes(kind));
      const slack = own?.most ?? 0;
      const [low, high] = [Math.min(...ends) - slack, Math.max(...ends) + slack];
      return round(value) >= low && round(value) <= high ? [] : [[series, `${value} not in ${low}…${high}`] as const];
    }),
  );
}
