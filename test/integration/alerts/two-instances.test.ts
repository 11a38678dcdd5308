// Kills one of two services that two Prometheus servers scrape, and counts the pages of a cluster that is down.

import { globSync } from 'node:fs';
import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { freePorts } from '../../../lab/free-port.ts';
import { rulesFolder } from '../../support/alert-rules.ts';
import { startAlertmanager } from '../../support/alertmanager.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startPrometheus } from '../../support/prometheus.ts';
import { servePlimsoll } from '../../support/served-plimsoll.ts';

const config = `
clusters: { orders: { broker: kafka, bootstrap: ['127.0.0.1:1'] } }
service: { availability: pair }
`;
/** Prometheus repeats resolved alerts each minute for a quarter of an hour; critical ones end five minutes after their series. */
const watchedSeconds = 400;

const runs = () =>
  requires('prometheus', 'alertmanager').test(
    'a cluster that is down pages once with two services and two Prometheus servers, even if a service dies',
    async () => {
      await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-two-instances-'));
      await using resources = new AsyncDisposableStack();
      await writeFile(join(folder.path, 'plimsoll.yaml'), config);
      const services = await Promise.all(
        (await freePorts(2)).map(async (port) =>
          resources.use(
            await servePlimsoll([
              '--config',
              join(folder.path, 'plimsoll.yaml'),
              '--state-dir',
              join(folder.path, 'state'),
              '--listen',
              `127.0.0.1:${port}`,
            ]),
          ),
        ),
      );
      const alertmanager = resources.use(await startAlertmanager());
      for (const replica of ['a', 'b']) {
        resources.use(
          await startPrometheus({
            job: 'plimsoll',
            scrapes: services.map(({ url }) => new URL(url).host),
            everySeconds: 5,
            rules: globSync(`${rulesFolder}/*.yaml`),
            alertmanager: alertmanager.address,
            replica,
          }),
        );
      }
      const pages = () =>
        alertmanager.told.filter(
          ({ receiver, alerts }) =>
            receiver === 'pager' && alerts.some(({ labels }) => labels['alertname'] === 'KafkaClusterDown'),
        );
      for (let waited = 0; pages().length === 0 && waited < 120; waited++) await delay(1000);
      expect(pages()).toHaveLength(1);
      await services[0]?.kill();
      await delay(watchedSeconds * 1000);
      expect(pages().map(({ status, alerts }) => [status, alerts.map(({ labels }) => labels['instance'])])).toEqual([
        ['firing', [undefined]],
      ]);
    },
    12 * 60_000,
  );

if (fullMatrix) runs();
