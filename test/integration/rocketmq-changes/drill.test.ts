// What does a drill measure when the leader of a broker group of RocketMQ is killed, and is every acknowledged message still there?

import { expect } from 'vitest';
import { changesOf } from '../../support/change-commands.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { undertakerOf } from '../../support/revive.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

interface Report {
  leader: string;
  newLeader: string;
  secondsWithoutWrites: number;
  servers: { newLeaderSeconds: number; deadLeftSeconds: number; returnedSeconds: number }[];
  messages: { acknowledged: number; retried: number; lost: number; outOfOrder: number };
}

if (fullMatrix) {
  for (const mode of ['dledger', 'controller'] as const) {
    requires('java', 'maven').test(
      `${mode}: another member leads, the routes follow, the killed one comes back, and nothing acknowledged is lost`,
      async () => {
        await using lab = await startRocketmq({ mode });
        const changes = changesOf(lab);
        const leader = lab.brokers.find(({ id }) => id === 'broker-a:0');
        const member = undertakerOf(leader?.pid ?? Number.NaN);
        const done = await changes.runUntil(
          [
            [/operator: stop the leader/, () => member.end('SIGKILL')],
            [/operator: start the stopped member/, async () => member.revive()],
          ],
          'drill',
          ['--broker', 'broker-a', '--execute', '--wait', '300s'],
        );
        const report = done.document as unknown as Report;
        process.stdout.write(`${JSON.stringify(report)}\n`);
        expect(done.exitCode).toBe(0);
        expect(report.leader).toBe(leader?.address);
        expect(report.newLeader).not.toBe(leader?.address);
        expect(report.secondsWithoutWrites).toBeGreaterThan(0.5);
        expect(report.messages.acknowledged).toBeGreaterThan(20);
        expect(report.messages).toMatchObject({ lost: 0, outOfOrder: 0 });
        for (const times of report.servers) {
          expect(times.returnedSeconds).toBeGreaterThan(times.newLeaderSeconds);
        }
      },
      900_000,
    );
  }
}
