// Kills the leader of a RocketMQ broker group in a drill, and the drill itself, and checks acknowledged messages and remaining state.

import { expect } from 'vitest';
import { rocketmqDriver } from '../../../brokers/rocketmq/driver.ts';
import { unlistedReplicas } from '../../../brokers/rocketmq/inspect/sync-state.ts';
import { changesOf } from '../../support/change-commands.ts';
import { changedCluster } from '../../support/changed-cluster.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { undertakerOf } from '../../support/revive.ts';
import { startRocketmq, type RunningRocketmq } from '../../support/rocketmq.ts';

interface Report {
  leader: string;
  newLeader: string;
  secondsWithoutWrites: number;
  servers: { newLeaderSeconds: number; deadLeftSeconds: number; returnedSeconds: number }[];
  messages: { acknowledged: number; retried: number; lost: number; outOfOrder: number };
}

/** By default, a controller-mode master acknowledges messages that only it stores: a kill lost one message of 145. */
async function waitForAllInSync(lab: RunningRocketmq): Promise<void> {
  await using cluster = changedCluster(lab);
  for (const { address } of lab.brokers) {
    await cluster.desk.set(address, { allAckInSyncStateSet: 'true' }, { signal: AbortSignal.timeout(10_000) });
  }
}

async function stoppedBrokers(lab: RunningRocketmq): Promise<string[]> {
  const io = { signal: AbortSignal.timeout(20_000) };
  await using inspector = await rocketmqDriver.inspect('lab', lab.config, io);
  const { rocketmq } = await inspector.snapshot(io);
  return unlistedReplicas(rocketmq?.syncStateSets ?? [], rocketmq?.brokers ?? []).map(({ address }) => address);
}

if (fullMatrix) {
  for (const mode of ['dledger', 'controller'] as const) {
    requires('java', 'maven').test(
      `${mode}: after a killed leader another one leads, routes follow, the member returns, and no acknowledged message is lost`,
      async () => {
        await using lab = await startRocketmq({ mode });
        const changes = changesOf(lab);
        if (mode === 'controller') await waitForAllInSync(lab);
        const words = ['--broker', 'broker-a', '--execute', '--wait', '300s'];
        await using cluster = changedCluster(lab);
        const drillTopics = async () => {
          const io = { signal: AbortSignal.timeout(20_000) };
          const onBrokers = await Promise.all(lab.brokers.map(({ address }) => cluster.desk.topics(address, io)));
          const routed = await Promise.all(lab.namesrv.map((server) => cluster.desk.topicsOf(server, io)));
          const names = [...onBrokers.flat().map(({ name }) => name), ...routed.flat()];
          return names.filter((name) => name.startsWith('plimsoll-drill-'));
        };
        // Members of a new controller group are in sync a few seconds after its start.
        const planned = async () => (await changes.run('drill', '--broker', 'broker-a')).exitCode;
        await expect.poll(planned, { timeout: 60_000, interval: 1000 }).toBe(0);
        await changes.killWhen(/operator: stop the leader/, 'drill', ...words);
        expect(await drillTopics()).not.toEqual([]);
        const aborted = await changes.run('drill', '--broker', 'broker-a', '--abort');
        expect(aborted).toMatchObject({ exitCode: 0, document: { status: 'rolled-back' } });
        expect(await drillTopics()).toEqual([]);
        await changes.killWhen(/operator: stop the leader/, 'drill', ...words);
        const leader = lab.brokers.find(({ id }) => id === 'broker-a:0');
        const member = undertakerOf(leader?.pid ?? Number.NaN);
        let stopped: string[] = [];
        const done = await changes.runUntil(
          [
            [/operator: stop the leader/, () => member.end('SIGKILL')],
            [
              /operator: start the stopped member/,
              async () => {
                stopped = await stoppedBrokers(lab);
                member.revive();
              },
            ],
          ],
          'drill',
          ['--broker', 'broker-a', '--resume', '--wait', '300s'],
        );
        const report = done.document as unknown as Report;
        process.stdout.write(`${JSON.stringify(report)}\n`);
        expect(done.exitCode).toBe(0);
        expect(report.leader).toBe(leader?.address);
        expect(report.newLeader).not.toBe(leader?.address);
        // The controller elects another master as soon as the connection of the killed one closes.
        expect(report.secondsWithoutWrites).toBeGreaterThan(mode === 'controller' ? 0.05 : 0.5);
        expect(report.messages.acknowledged).toBeGreaterThan(20);
        expect(report.messages).toMatchObject({ lost: 0, outOfOrder: 0 });
        expect(await drillTopics()).toEqual([]);
        for (const times of report.servers) {
          expect(times.returnedSeconds).toBeGreaterThan(times.newLeaderSeconds);
        }
        // Only controllers report brokers that name servers dropped.
        expect(stopped).toEqual(mode === 'controller' ? [leader?.address] : []);
        expect(await stoppedBrokers(lab)).toEqual([]);
        const follower = lab.brokers.find(({ address }) => ![report.leader, report.newLeader].includes(address));
        await undertakerOf(follower?.pid ?? Number.NaN).end('SIGKILL');
        const another = await changes.run('drill', '--broker', 'broker-a');
        expect(another.exitCode).toBe(mode === 'controller' ? 0 : 5);
      },
      900_000,
    );
  }
}
