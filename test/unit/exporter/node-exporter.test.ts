// Compares our metrics with the recorded output of node_exporter 1.5.0 on the same machine.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { collectors } from '../../../exporter/registry.ts';
import { parseExposition } from '../../support/exposition.ts';
import { renderGoldenPage } from '../../support/golden-metrics-page.ts';

const names = new Set(
  Object.values(collectors)
    .filter(({ follows }) => follows === 'prometheus/node_exporter')
    .flatMap(({ metrics }) => Object.keys(metrics)),
);

/** Metrics of node_exporter 1.6 and later that are allowed. */
const addedLater = ['node_netstat_TcpExt_TCPOFOQueue', 'node_netstat_TcpExt_TCPRcvQDrop'];

/** The clock of the reader; stopped in the golden page. */
const ownClock = 'node_time_seconds{host="broker-1"}';

/** Values with 15 digits: Go writes 1.25e+09 for 1250000000, and 5600 ms times 0.001 as 5.6000000000000005. */
function seriesOf(page: string): Record<string, number> {
  const { samples } = parseExposition(page);
  const mine = [...samples].filter(([key]) => names.has(key.replace(/\{.*/, '')) && key !== ownClock);
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

test('exports exactly the series of node_exporter under its names, with the same labels and values', async () => {
  const recorded = readFileSync(
    new URL('../../fixtures/hosts/linux/node-exporter-1.5.0.prom', import.meta.url),
    'utf8',
  );
  const ours = seriesOf(await renderGoldenPage());
  for (const name of addedLater) delete ours[name];
  expect(ours).toEqual(seriesOf(recorded));
  expect(Object.keys(ours).length).toBeGreaterThan(100);
});

test('metric types are those of node_exporter', async () => {
  const recorded = parseExposition(
    readFileSync(new URL('../../fixtures/hosts/linux/node-exporter-1.5.0.prom', import.meta.url), 'utf8'),
  );
  const ours = parseExposition(await renderGoldenPage());
  for (const [name, type] of ours.types) {
    if (!recorded.types.has(name)) continue;
    expect([name, type]).toEqual([name, recorded.types.get(name)]);
  }
});
