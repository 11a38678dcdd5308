// Adds and removes queues of a RocketMQ topic without loss.

import { expect } from 'vitest';
import { changesOf } from '../../support/change-commands.ts';
import { changedCluster } from '../../support/changed-cluster.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { undertakerOf } from '../../support/revive.ts';
import { startChangeLoad } from '../../support/rocketmq-change-load.ts';
import { startRocketmq } from '../../support/rocketmq.ts';
import { pidOf } from '../../support/watched-rocketmq.ts';

const topic = 'orders';
const words = (to: number) => ['--topic', topic, '--to', String(to)];
const quickly = ['--settle', '0s', '--quiet', '1s', '--give-up-replay', '--wait', '60s'];

requires('java', 'maven').test(
  'a topic grows to four queues and shrinks to one, killed midway and resumed',
  async () => {
    await using lab = await startRocketmq();
    await using cluster = changedCluster(lab);
    await cluster.define(topic, ['billing']);
    const [nameServer = ''] = lab.namesrv;
    const changes = changesOf(lab);
    await changes.killWhen(/open-reads/, 'queues', ...words(4), ...quickly, '--execute');
    const grown = await changes.run('queues', '--topic', topic, '--resume');
    expect(grown, grown.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
    expect(await cluster.queues(topic, nameServer)).toEqual({ 'broker-a': '4/4' });

    // Queue 0 stays: unread messages there do not block.
    const shrunk = await changes.run('queues', ...words(1), ...quickly, '--execute');
    expect(shrunk, shrunk.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
    expect(await cluster.queues(topic, nameServer)).toEqual({ 'broker-a': '1/1' });
  },
  300_000,
);

if (fullMatrix) {
  for (const version of ['5.3.3', '4.9.7']) {
    requires('java', 'maven').test(
      `${version}: queues are added and removed under load without loss, although the process and a broker are killed`,
      async () => {
        await using lab = await startRocketmq({ mode: 'two-masters', version });
        await using cluster = changedCluster(lab);
        await cluster.define(topic, [`${topic}-readers`]);
        const [nameServer = ''] = lab.namesrv;
        const changes = changesOf(lab);
        await using load = await startChangeLoad(lab, { topic });
        await expect.poll(load.acknowledged, { timeout: 120_000 }).toBeGreaterThan(500);

        load.phase('growing');
        const growing = [...words(4), '--settle', '25s', '--execute', '--wait', '120s'];
        await changes.killWhen(/let-settle/, 'queues', ...growing);
        expect(await cluster.queues(topic, nameServer)).toEqual({ 'broker-a': '4/2', 'broker-b': '4/2' });
        const grown = await changes.run('queues', '--topic', topic, '--resume', '--wait', '120s');
        expect(grown, grown.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
        expect(await cluster.queues(topic, nameServer)).toEqual({ 'broker-a': '4/4', 'broker-b': '4/4' });

        load.phase('shrinking');
        const shrinking = [...words(1), '--quiet', '10s', '--give-up-replay', '--execute', '--wait', '200s'];
        await changes.killWhen(/see-quiet/, 'queues', ...shrinking);
        expect(await cluster.queues(topic, nameServer)).toEqual({ 'broker-a': '4/1', 'broker-b': '4/1' });
        const killed = undertakerOf(pidOf(lab, 'broker-2'));
        await killed.end('SIGKILL');
        killed.revive();
        const shrunk = await changes.run('queues', '--topic', topic, '--resume', '--wait', '200s');
        expect(shrunk, shrunk.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
        expect(await cluster.queues(topic, nameServer)).toEqual({ 'broker-a': '1/1', 'broker-b': '1/1' });
        load.phase('after');

        const { account, phases } = await load.end();
        process.stdout.write(`${JSON.stringify({ version, phases, account })}\n`);
        expect(account.groups[0]).toMatchObject({ lost: 0, unread: 0, corrupted: 0, foreign: 0, reordered: 0 });
      },
      900_000,
    );
  }
}
