// Same machine, same figures: ours against what node_exporter 1.5.0 printed of it (recorded), and against a live one.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { collectors } from '../../../exporter/registry.ts';
import { parseExposition } from '../../support/exposition.ts';
import { recordedRoots, renderGoldenPage } from '../../support/golden-metrics-page.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const names = new Set(
  Object.values(collectors)
    .filter(({ follows }) => follows === 'prometheus/node_exporter')
    .flatMap(({ metrics }) => Object.keys(metrics)),
);

/** Values as numbers of 15 digits: Go writes 1.25e+09 for 1250000000, and 5600 ms times 0.001 as 5.6000000000000005. */
function seriesOf(page: string): Record<string, number> {
  const { samples } = parseExposition(page);
  const mine = [...samples].filter(([key]) => names.has(key.replace(/\{.*/, '')));
  return Object.fromEntries(
    mine.map(([key, value]) => [
      key
        .replace(/host="broker-1",?/, '')
        .replace(',}', '}')
        .replace('{}', ''),
      Number(Number(value).toPrecision(15)),
    ]),
  );
}

test('every series node_exporter prints under our names is there, with the same labels and value, and no other', async () => {
  const recorded = readFileSync(
    new URL('../../fixtures/hosts/linux/node-exporter-1.5.0.prom', import.meta.url),
    'utf8',
  );
  const ours = seriesOf(await renderGoldenPage());
  expect(ours).toEqual(seriesOf(recorded));
  expect(Object.keys(ours).length).toBeGreaterThan(100);
});

test('types are those of node_exporter', async () => {
  const recorded = parseExposition(
    readFileSync(new URL('../../fixtures/hosts/linux/node-exporter-1.5.0.prom', import.meta.url), 'utf8'),
  );
  const ours = parseExposition(await renderGoldenPage());
  for (const [name, type] of ours.types) {
    if (!recorded.types.has(name)) continue;
    expect([name, type]).toEqual([name, recorded.types.get(name)]);
  }
});

const program = 'prometheus-node-exporter';

if (fullMatrix) {
  requires('node-exporter').test('a live node_exporter agrees on the same roots', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(
      program,
      [
        `--path.procfs=${recordedRoots.procfs}`,
        `--path.sysfs=${recordedRoots.sysfs}`,
        `--web.listen-address=${address}`,
        '--no-collector.netdev.netlink',
        '--collector.netdev.device-exclude=^$',
        '--collector.netclass.ignore-invalid-speed',
        '--collector.disable-defaults',
        ...['cpu', 'loadavg', 'meminfo', 'diskstats', 'netdev', 'netclass', 'pressure'].map(
          (name) => `--collector.${name}`,
        ),
      ],
      { stdio: 'ignore' },
    );
    try {
      expect(seriesOf(await renderGoldenPage())).toEqual(
        seriesOf(withoutOwn(await fetchWhenUp(`http://${address}/metrics`))),
      );
    } finally {
      child.kill();
      await once(child, 'exit');
    }
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function fetchWhenUp(url: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await (await fetch(url)).text();
    } catch (error) {
      if (attempt === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** Its Go runtime has summaries, whose quantiles our small parser need not know. */
function withoutOwn(page: string): string {
  return page
    .split('\n')
    .filter((line) => !/^(# (HELP|TYPE) )?(go|process|promhttp)_/.test(line))
    .join('\n');
}
