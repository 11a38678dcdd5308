// Checks that the delivery check counts losses of a RocketMQ master's disk exactly.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { waitUntilRegistered } from '../../../lab/rocketmq/rocketmq-lab.ts';
import { systemClock } from '../../../core/clock.ts';
import { driveRun } from '../../support/driven-run.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { undertakerOf } from '../../support/revive.ts';
import { startRocketmq, type RunningRocketmq } from '../../support/rocketmq.ts';
import { pidOf } from '../../support/watched-rocketmq.ts';

const rate = 300;
const folderOf = ({ home }: RunningRocketmq, name: string) => join(home, name);

/** Returns ends as mqadmin prints them: topic, broker, queue, first offset, end, time of the last message. */
async function endOf(lab: RunningRocketmq, topic: string): Promise<number> {
  const printed = await lab.mqadmin(['topicStatus', '-t', topic]);
  const rows = printed.split('\n').flatMap((line) => /^broker-\S+\s+\d+\s+\d+\s+(\d+)/.exec(line)?.[1] ?? []);
  if (rows.length === 0) throw new Error(printed);
  return rows.reduce((sum, end) => sum + Number(end), 0);
}

if (fullMatrix) {
  requires('java', 'maven').test(
    "messages lost with a master's disk are counted exactly, in agreement with offsets",
    async () => {
      await using lab = await startRocketmq({ mode: 'master-slave' });
      const [master, slave] = ['broker-1', 'broker-2'].map((name) => undertakerOf(pidOf(lab, name)));
      const slavePid = pidOf(lab, 'broker-2');
      const workload = {
        messageSize: '200B',
        partitions: 4,
        warmUp: '0s',
        groups: [
          {
            name: 'late',
            stopped: [
              {
                from: '0.1s',
                to: '128s',
              },
            ],
          },
        ],
        profile: {
          kind: 'replay',
          points: [
            ...[0, 24].map((time) => ({
              time,
              rate,
            })),
            ...[25, 98].map((time) => ({
              time,
              rate: 0,
            })),
            ...[99, 106].map((time) => ({
              time,
              rate,
            })),
          ],
        },
      };
      await using run = await driveRun(lab.configPath, workload, '--keep-topic');
      await run.at(12);
      const copied = join(folderOf(lab, 'broker-2'), 'data', 'config', 'topics.json');
      await expect.poll(() => readFileSync(copied, 'utf8'), { timeout: 15_000 }).toContain(run.topic);
      await run.at(13);
      process.kill(slavePid, 'SIGSTOP');
      await run.at(25.5);
      const before = await endOf(lab, run.topic);
      await master?.end('SIGKILL');
      rmSync(join(folderOf(lab, 'broker-1'), 'data'), { recursive: true });
      // If it were continued, it would still read buffered data of its connection.
      await slave?.end('SIGKILL');
      slave?.revive((words) => promoted(lab, words));
      await waitUntilRegistered(
        { nameServers: lab.namesrv, brokers: [lab.brokers[1]?.address ?? ''] },
        { clock: systemClock, signal: AbortSignal.timeout(60_000) },
      );
      let after = 0;
      const ask = () => endOf(lab, run.topic).then((end) => (after = end));
      await expect.poll(() => ask().catch(() => 0), { timeout: 60_000 }).toBeGreaterThan(0);
      expect(run.elapsed()).toBeLessThan(96);

      const { ended, ledger } = await run.result();
      process.stdout.write(`${JSON.stringify({ before, after, ended, ledger })}\n`);
      expect(before - after).toBeGreaterThan(rate);
      expect(ended.exitCode).toBe(0);
      const [group] = ledger.groups;
      expect(group).toMatchObject({ lost: before - after, unread: 0, corrupted: 0, untoldButDelivered: 0 });
      expect(ledger).toMatchObject({ isExact: true, agreement: { agrees: true, partitions: 4 } });
      expect(ledger.agreement?.grown).toBe(await endOf(lab, run.topic));
    },
    360_000,
  );

  requires('java', 'maven').test(
    'losses of DLedger when its leader is killed three times are counted in agreement with offsets',
    async () => {
      await using lab = await startRocketmq({ mode: 'dledger' });
      const addresses = lab.brokers.map(({ address }) => address);
      const members = new Map(lab.brokers.map(({ address, pid }) => [address, undertakerOf(pid)] as const));
      const registered = (brokers: readonly string[]) =>
        waitUntilRegistered(
          { nameServers: lab.namesrv, brokers },
          { clock: systemClock, signal: AbortSignal.timeout(60_000) },
        );
      const leaderAmong = async (brokers: readonly string[]) =>
        [...(await registered(brokers))].find(([address, id]) => id === 'broker-a:0' && brokers.includes(address))?.[0];
      const workload = {
        messageSize: '200B',
        partitions: 4,
        warmUp: '0s',
        outage: '45s',
        profile: {
          kind: 'constant',
          rate: 200,
          duration: '230s',
        },
      };
      await using run = await driveRun(lab.configPath, workload, '--keep-topic');
      const killed: string[] = [];
      for (const second of [6, 26, 46]) {
        await run.at(second);
        const leader = (await leaderAmong(addresses)) ?? '';
        await members.get(leader)?.end('SIGKILL');
        killed.push(`${leader} at ${run.elapsed().toFixed(1)} s`);
        const left = addresses.filter((address) => address !== leader);
        await expect.poll(() => leaderAmong(left), { timeout: 60_000 }).toBeDefined();
        killed.push(`another leads at ${run.elapsed().toFixed(1)} s`);
        const revived = members.get(leader)?.revive();
        if (revived !== undefined) members.set(leader, undertakerOf(revived));
        await registered(addresses);
        await delay(5000);
      }
      expect(run.elapsed(), killed.join(', ')).toBeLessThan(220);

      const { ended, ledger } = await run.result();
      process.stdout.write(`${JSON.stringify({ killed, ended, ledger })}\n`);
      expect(ended.exitCode).toBe(0);
      const [group] = ledger.groups;
      expect(group).toMatchObject({ unread: 0, corrupted: 0, foreign: 0, untoldButDelivered: 0 });
      expect(ledger).toMatchObject({ isExact: true, agreement: { partitions: 4, notCompared: 0 } });
      const { received = 0, lost = 0, rewritten = 0, unknownFateButDelivered = 0 } = group ?? {};
      const stored = ledger.acknowledged + unknownFateButDelivered;
      expect(received).toBe(stored - lost);
      // RocketMQ 5.3.3 itself loses acknowledged messages in some of these runs: a new leader writes others at their offsets.
      const grown = await endOf(lab, run.topic);
      expect(ledger.agreement?.grown).toBe(grown);
      expect(grown).toBe(stored - lost - rewritten);
    },
    480_000,
  );
}

/** Promotes a slave like an operator: it keeps its store, with another role. */
function promoted(lab: RunningRocketmq, words: readonly string[]): string[] {
  const given = join(folderOf(lab, 'broker-2'), 'node.conf');
  const other = join(folderOf(lab, 'broker-2'), 'promoted.conf');
  const lines = readFileSync(given, 'utf8').split('\n');
  const kept = lines.filter((line) => !/^(brokerId|brokerRole)=/.test(line));
  writeFileSync(other, [...kept, 'brokerId=0', 'brokerRole=ASYNC_MASTER', ''].join('\n'));
  return words.map((word) => (word.endsWith('node.conf') ? other : word));
}
