// Checks the inventory of a real RocketMQ master with its slave, and the conditions for continuing a rolling restart.

import { expect, vi } from 'vitest';
import { rocketmqDriver } from '../../../brokers/rocketmq/driver.ts';
import { systemClock } from '../../../core/clock.ts';
import { LocalHost } from '../../../hosts/config.ts';
import { findInstances } from '../../../hosts/instances/find-instances.ts';
import { openInstanceHost } from '../../../hosts/instances/instance-host.ts';
import { rocketmqGate } from '../../../ops/instances/rocketmq-gate.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { undertakerOf } from '../../support/revive.ts';
import { startRocketmq, type RunningRocketmq } from '../../support/rocketmq.ts';

const patience = { timeout: 90_000, interval: 500 };

if (fullMatrix)
  requires('java', 'maven').test(
    'master, slave and name server are discovered, and a slave that is down blocks a rolling restart',
    async () => {
      await using rocketmq = await startRocketmq({ mode: 'master-slave' });
      const io = () => ({ signal: AbortSignal.timeout(60_000) });
      await using host = openInstanceHost('here', LocalHost.parse({ probe: 'local' }), { clock: systemClock });
      const own = (await findInstances(host, io())).filter(({ settingsFile }) =>
        settingsFile?.startsWith(rocketmq.home),
      );
      const shown = own.map(({ settings: { role, broker }, version, startedBy }) => ({
        role,
        broker,
        version,
        by: startedBy.kind,
      }));
      expect(shown).toEqual(
        expect.arrayContaining([
          { role: 'rocketmq-name-server', broker: undefined, version: '5.3.3', by: 'none' },
          { role: 'rocketmq-master', broker: 'broker-a:0', version: '5.3.3', by: 'none' },
          { role: 'rocketmq-slave', broker: 'broker-a:1', version: '5.3.3', by: 'none' },
        ]),
      );
      for (const { settings, listens } of own) expect(listens).toContain(settings.port);

      const gate = rocketmqGate('lab', rocketmq.config);
      const baseline = await whileRead(rocketmq, () =>
        vi.waitFor(async () => {
          const seen = await gate.baseline(io());
          expect(seen.lags).toEqual({ billing: expect.any(Number) as number });
          return seen;
        }, patience),
      );
      expect(baseline.brokers.toSorted()).toEqual(['broker-a:0', 'broker-a:1']);
      const blockers = async () => (await gate.blockers(baseline, io())).map(({ what }) => what).join('; ');
      await vi.waitFor(async () => expect(await blockers()).toBe(''), patience);
      const slave = undertakerOf(rocketmq.brokers.find(({ id }) => id === 'broker-a:1')?.pid ?? 0);
      await slave.end('SIGTERM');
      await vi.waitFor(async () => expect(await blockers()).toContain('lists 1 of 2 brokers of broker-a'), patience);
      slave.revive();
      await vi.waitFor(async () => expect(await blockers()).toBe(''), patience);
    },
    300_000,
  );

/** A group member reads one message, and stays until `look` has ended. */
async function whileRead<Seen>({ config }: RunningRocketmq, look: () => Promise<Seen>): Promise<Seen> {
  const io = { signal: AbortSignal.timeout(120_000) };
  await using admin = await rocketmqDriver.administer('lab', config, io);
  await admin.createTopic({ name: 'paid', partitions: 4, replicationFactor: 1 }, io);
  await using traffic = await rocketmqDriver.traffic('lab', config, io);
  await using producer = await traffic.producer({ acks: 'leader' });
  await producer.send({ topic: 'paid', partition: 0, values: [Buffer.from('one')] }, io);
  await using consumer = await traffic.consumer({ group: 'billing', topic: 'paid', from: 'start' });
  const stop = new AbortController();
  const reading = consumer.run(() => undefined, { signal: AbortSignal.any([stop.signal, io.signal]) });
  try {
    return await look();
  } finally {
    stop.abort();
    await reading;
  }
}
