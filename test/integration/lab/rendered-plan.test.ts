import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ClusterPlan } from '../../../core/documents/cluster-plan.ts';
import { brokerJars } from '../../../lab/broker-jars.ts';
import { freePorts } from '../../../lab/free-port.ts';
import { waitUntilJoined } from '../../../lab/kafka/kafka-lab.ts';
import { kafkaRelease } from '../../../lab/kafka/release.ts';
import { loggingXml, waitUntilRegistered } from '../../../lab/rocketmq/rocketmq-lab.ts';
import { rocketmqRelease } from '../../../lab/rocketmq/release.ts';
import { findJava } from '../../../lab/prerequisites.ts';
import { renderPlan } from '../../../ops/render/render-plan.ts';
import { usualSite, type Site } from '../../../ops/render/site.ts';
import { plannedCluster } from '../../support/cluster-plan.ts';
import { fullMatrix } from '../../support/prerequisites.ts';
import { installRendered, startUnit } from '../../support/rendered-units.ts';
import { scratchLab } from '../../support/scratch-lab.ts';

const consoleLog4j = `Configuration:
  Appenders:
    Console: { name: console, PatternLayout: { pattern: "[%d] %p %m (%c)%n" } }
  Loggers:
    Root: { level: INFO, AppenderRef: { ref: console } }
`;

/** Makes a plan with a third of its brokers, on hosts of 1 GiB, to fit on a test machine. */
function smallPlan(over: Partial<ClusterPlan>): ClusterPlan {
  const plan = plannedCluster(over);
  const shape = { ...plan.shape, memoryBytes: 2 ** 30 };
  const [first] = plan.brokers;
  const brokers =
    plan.broker === 'kafka' ? plan.brokers.slice(0, 3) : plan.brokers.filter(({ group }) => group === first?.group);
  const few = { nameServers: plan.nameServers?.slice(0, 1), controllers: plan.controllers?.slice(0, 1) };
  return {
    ...plan,
    shape,
    brokers,
    masters: plan.broker === 'kafka' ? 3 : 1,
    ...(few.nameServers && { nameServers: few.nameServers }),
    ...(few.controllers && { controllers: few.controllers }),
  };
}

if (fullMatrix) {
  test.each<[string, Partial<ClusterPlan>, string]>([
    ['Kafka', { broker: 'kafka' }, '4.3.1'],
    ['RocketMQ with DLedger', { mode: 'dledger' }, '5.3.3'],
    ['RocketMQ with DLedger', { mode: 'dledger' }, '4.9.7'],
    ['RocketMQ with master and slave', { mode: 'master-slave' }, '5.3.3'],
    ['RocketMQ with a controller', { mode: 'controller' }, '5.3.3'],
  ])('%s starts from the units rendered for a plan: %o, %s', { timeout: 400_000 }, async (_, over, version) => {
    const lab = await scratchLab('rendered');
    await using units = new AsyncDisposableStack();
    units.defer(() => lab.remove());
    const plan = smallPlan(over);
    const hosts = [...plan.brokers, ...(plan.nameServers ?? []), ...(plan.controllers ?? [])].map(({ host }) => host);
    const isKafka = plan.broker === 'kafka';
    const home = join(lab.root, 'home');
    const release = isKafka ? kafkaRelease(version) : rocketmqRelease(version);
    mkdirSync(join(home, isKafka ? 'config' : 'conf'), { recursive: true });
    symlinkSync(await brokerJars(release, lab.cache, lab.io), join(home, isKafka ? 'libs' : 'lib'));
    if (isKafka) writeFileSync(join(home, 'config', 'log4j2.yaml'), consoleLog4j);
    for (const part of ['broker', 'namesrv', 'controller']) {
      if (isKafka) continue;
      writeFileSync(join(home, 'conf', `rmq.${part}.logback.xml`), loggingXml);
      writeFileSync(join(home, 'conf', `logback_${part}.xml`), loggingXml);
    }
    // A RocketMQ broker also listens one port above and two ports below.
    const ports = await freePorts(2 * hosts.length, [-2, 1]);
    const site: Site = {
      ...usualSite,
      java: await findJava(lab.io),
      home: () => home,
      etc: (host) => join(lab.root, 'hosts', host),
      data: (host) => join(lab.root, 'hosts', host, 'data'),
      logs: (host) => join(lab.root, 'hosts', host, 'logs'),
      address: () => '127.0.0.1',
      port: (host, of) => ports[2 * hosts.indexOf(host) + (of === 'rocketmq-dledger' ? 1 : 0)] ?? 0,
    };
    const files = installRendered(renderPlan([plan], site), join(lab.root, 'hosts'));
    expect(files.size).toBe(hosts.length);
    const verified = spawnSync('systemd-analyze', ['verify', '--man=no', ...files.values()], { encoding: 'utf8' });
    // Without systemd, the units run without this check; the site has to create missing users.
    if (verified.error === undefined) expect(verified.stderr).not.toMatch(/Unknown|ignoring|Invalid|bad unit/i);

    const start = async (host: string, line: RegExp) => {
      const unit = units.use(await startUnit(files.get(host) ?? ''));
      await unit.ready(line);
    };
    const startAll = (of: readonly { host: string }[] = [], line = /./) =>
      Promise.all(of.map(({ host }) => start(host, line)));
    if (isKafka) {
      await Promise.all([startAll(plan.controllers), startAll(plan.brokers, /Kafka Server started/)]);
      const addresses = plan.brokers.map(({ host }) => `127.0.0.1:${site.port(host, 'kafka-client')}`);
      await waitUntilJoined({ addresses, access: {} }, lab.io);
      return;
    }
    await startAll(plan.nameServers, /The Name Server boot success/);
    await startAll(plan.controllers, /boot success/i);
    await startAll(plan.brokers, /The broker\[.*\] boot success/);
    const addressesOf = (of: readonly { host: string }[], port: 'rocketmq-broker' | 'rocketmq-name-server') =>
      of.map(({ host }) => `127.0.0.1:${site.port(host, port)}`);
    const ids = await waitUntilRegistered(
      {
        nameServers: addressesOf(plan.nameServers ?? [], 'rocketmq-name-server'),
        brokers: addressesOf(plan.brokers, 'rocketmq-broker'),
      },
      lab.io,
    );
    expect(ids.size).toBe(plan.brokers.length);
  });
}
