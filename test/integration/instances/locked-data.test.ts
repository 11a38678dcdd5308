// Checks data directories locked by a manually started broker: the instance is not started, and its data is not deleted.

import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { defaultKafkaVersion, kafkaRelease } from '../../../lab/kafka/release.ts';
import { defaultRocketmqVersion, rocketmqRelease } from '../../../lab/rocketmq/release.ts';
import { explainStartup, readyLine } from '../../../ops/instances/startup-faults.ts';
import { supervisorConfig, type RoomHost } from '../../support/host-room.ts';
import { executed, instancesOf, wait } from '../../support/installed-changes.ts';
import { prepareSite } from '../../support/installed-site.ts';
import { packedRelease } from '../../support/packed-release.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

/** Runs a program until end of input. */
const holder = `
import subprocess, sys
with open('/srv/by-hand.log', 'w') as log:
    program = subprocess.Popen(sys.argv[1:], cwd='/srv', stdout=log, stderr=log)
print(program.pid, flush=True)
sys.stdin.read()
program.terminate()
program.wait()
`;
const patience = { timeout: 120_000, interval: 500 };
const one = ['worker1'];

const products = [
  {
    product: 'kafka',
    release: () => packedRelease('kafka', kafkaRelease(defaultKafkaVersion)),
    layout: { broker: 'kafka', controllers: one, brokers: one },
    role: 'kafka-broker',
    cause: 'another broker uses the same log directory',
    isCopied: true,
  },
  {
    product: 'rocketmq',
    release: () => packedRelease('rocketmq', rocketmqRelease(defaultRocketmqVersion)),
    layout: { broker: 'rocketmq', mode: 'single', nameServers: one, groups: { 'broker-a': one } },
    role: 'rocketmq-master',
    cause: 'another broker uses the same store directory',
    isCopied: false,
  },
] as const;

if (fullMatrix) {
  for (const { product, release, layout, role, cause, isCopied } of products) {
    requires('root', 'ip', 'java', 'maven', 'sshd', 'supervisor').test(
      `a manually started ${product} broker ${isCopied ? 'with other settings' : 'with the same settings'} blocks the start of its instance and deletion of its data`,
      async () => {
        await using site = await prepareSite({ machines: one, cluster: 'orders', layout, releases: [await release()] });
        await executed(site, 'install', '--execute');
        const [host] = site.room.hosts;
        const broker = (await instancesOf(site)).find((each) => each.role === role);
        if (host === undefined || broker?.settings === undefined) throw new Error('no broker was installed');
        const { name, settings, directories } = broker;
        const inside = (path: string) => path.replace(/^\/srv/, host.srv);
        await supervisorctl(host, 'stop', name);

        const words = commandOf(host, name);
        const other = '/srv/by-hand/broker.properties';
        mkdirSync(inside('/srv/by-hand'));
        copyFileSync(inside(settings), inside(other));
        const byHand = await held(
          host,
          words.map((word) => (isCopied && word === settings ? other : word)),
        );
        await vi.waitFor(() => expect(readFileSync(inside('/srv/by-hand.log'), 'utf8')).toMatch(readyLine), patience);

        const started = await site.lab.separately('instances start', name, '--execute', ...wait);
        expect(started.exitCode, started.stderr).toBe(5);
        const inUse = new RegExp(`${directories[0]} of ${name} is in use by process ${byHand.pid} on host worker1`);
        expect(started.stderr).toMatch(inUse);

        const remove = (each: string) =>
          site.lab.separately('instances remove', each, '--data', '--execute', '--confirm-name', each, ...wait);
        const refused = await remove(name);
        expect(refused.exitCode, refused.stderr).toBe(5);
        expect(refused.stderr).toMatch(inUse);
        expect(readdirSync(inside(directories[0] ?? '')).length).toBeGreaterThan(0);

        // Starts it directly with the supervisor: the log of the real JVM names the lock.
        await supervisorctl(host, 'start', name);
        const log = () => readFileSync(inside(`/srv/logs/${name}/console.log`), 'utf8');
        await vi.waitFor(() => expect(explainStartup(log())?.cause).toBe(cause), patience);
        await supervisorctl(host, 'stop', name);

        await byHand.end();
        for (const each of (await instancesOf(site)).toSorted((a) => (a.name === name ? -1 : 1))) {
          const removed = await remove(each.name);
          expect(removed.exitCode, removed.stderr).toBe(0);
        }
        for (const folder of ['opt', 'etc', 'data', 'logs', 'programs']) {
          expect(readdirSync(inside(`/srv/${folder}`)), folder).toEqual([]);
        }
      },
      420_000,
    );
  }
}

async function supervisorctl(host: RoomHost, ...words: readonly string[]): Promise<void> {
  const { child } = host.spawn('supervisorctl', '-c', supervisorConfig, ...words);
  await once(child, 'exit');
}

/** Command that supervisord would start. */
function commandOf(host: RoomHost, name: string): string[] {
  const program = readFileSync(join(host.srv, 'programs', `${name}.program.conf`), 'utf8');
  const [, command = ''] = /^command=(.*)$/m.exec(program) ?? [];
  return command.replaceAll('%%', '%').split(' ');
}

async function held(host: RoomHost, words: readonly string[]) {
  const { child, input, output } = host.spawn('python3', '-c', holder, ...words);
  const [pid] = (await once(output, 'data')) as [Buffer];
  return {
    pid: Number(pid.toString()),
    async end() {
      input.end();
      await once(child, 'exit');
    },
  };
}
