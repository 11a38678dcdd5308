import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect } from 'vitest';
import { parse } from 'yaml';
import { RocketmqClusterConfig } from '../../../brokers/rocketmq/config.ts';
import { systemClock } from '../../../core/clock.ts';
import { rocketmqModeNames, rocketmqModes, type RocketmqMode } from '../../../lab/rocketmq/mode.ts';
import { waitUntilRegistered } from '../../../lab/rocketmq/rocketmq-lab.ts';
import { plimsoll } from '../../support/plimsoll.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startRocketmq, type RunningRocketmq } from '../../support/rocketmq.ts';

const timeout = 300_000;
const labTest = requires('java', 'maven').test;

let stateDirectory: string;
beforeEach(() => void (stateDirectory = mkdtempSync(join(tmpdir(), 'plimsoll-lab-'))));
afterEach(async () => {
  await lab('down');
  rmSync(stateDirectory, { recursive: true });
});
const lab = (...words: string[]) => plimsoll(['lab', ...words, '--state-dir', stateDirectory]);

if (fullMatrix) {
  labTest(
    'a RocketMQ lab starts with its access key, reports its status, and is removed completely',
    async () => {
      const up = await lab('up', 'rocketmq', '--acl', '--json');
      expect(up).toMatchObject({ exitCode: 0 });
      const document = JSON.parse(up.stdout) as { config: string; nameServers: string[] };
      const address = expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string;
      expect(document).toEqual({
        schemaVersion: 1,
        product: 'rocketmq',
        version: '5.3.3',
        config: join(stateDirectory, 'lab', 'plimsoll.yaml'),
        brokers: [{ id: 'broker-a:0', address }],
        nameServers: [address],
      });

      const written = parse(readFileSync(document.config, 'utf8')) as { clusters: { lab: unknown } };
      const config = RocketmqClusterConfig.parse(written.clusters.lab);
      expect(config).toMatchObject({ namesrv: document.nameServers, brokers: { 'broker-a:0': { host: 'local' } } });
      expect(config.credentials?.secretKey.reveal()).toMatch(/^[0-9a-f]{24}$/);
      const secrets = join(stateDirectory, 'lab', 'secrets');
      expect(readdirSync(secrets).map((name) => statSync(join(secrets, name)).mode & 0o777)).toEqual([0o600]);

      expect(JSON.parse((await lab('status', '--json')).stdout)).toMatchObject({
        state: 'ready',
        product: 'rocketmq',
        nodes: [
          { name: 'nameserver-1', role: 'name-server', state: 'running', address },
          { name: 'broker-1', role: 'broker', state: 'running', id: 'broker-a:0', address },
        ],
      });
      expect((await lab('down')).stdout).toContain('the lab is down');
      expect(readdirSync(stateDirectory)).toEqual([]);
    },
    timeout,
  );
}

const versions = ['4.9.7', '5.3.3', '5.5.0'];
const runs = (version: string, mode: RocketmqMode) => rocketmqModes[mode].since <= Number(version[0]);

/** Returns the rows of `clusterList`: cluster, name, id, address, … Empty if a busy machine cut off mqadmin. */
async function listed(rocketmq: RunningRocketmq, nameServer?: string): Promise<string[]> {
  const ask = () => rocketmq.mqadmin(['clusterList'], nameServer === undefined ? {} : { nameServer });
  const text = await eventually(ask, /^lab\s/m);
  return [...text.matchAll(/^lab\s+(\S+)\s+(\d+)\s+(\S+:\d+)/gm)]
    .map(([, name, id, address]) => `${name}:${id} ${address}`)
    .toSorted();
}
const known = ({ brokers }: RunningRocketmq) => brokers.map(({ id, address }) => `${id} ${address}`).toSorted();

function kill({ brokers }: RunningRocketmq, id: string) {
  const broker = brokers.find((candidate) => candidate.id === id);
  if (broker === undefined) throw new Error(`the lab has no ${id}`);
  process.kill(broker.pid, 'SIGKILL');
  return broker;
}

/** @returns the id of each remaining broker, once one of them is master */
function settled({ brokers, namesrv }: RunningRocketmq, killed: { address: string }) {
  const left = brokers.map(({ address }) => address).filter((address) => address !== killed.address);
  return waitUntilRegistered(
    { nameServers: namesrv, brokers: left },
    { clock: systemClock, signal: AbortSignal.timeout(120_000) },
  );
}

const createTopic = (rocketmq: RunningRocketmq) => rocketmq.mqadmin(['updateTopic', '-c', 'lab', '-t', 'orders']);

/** @returns the first expected result, or the last one after a minute */
async function eventually(attempt: () => Promise<string>, wanted: RegExp): Promise<string> {
  for (const end = Date.now() + 60_000; ; await setTimeout(500)) {
    const answer = await attempt();
    if (wanted.test(answer) || Date.now() > end) return answer;
  }
}

/** Checks the purpose of each mode with RocketMQ's own tools. */
const proofs: Record<RocketmqMode, (rocketmq: RunningRocketmq) => Promise<void>> = {
  single: async (rocketmq) => {
    expect(await createTopic(rocketmq)).toContain('success');
  },
  'two-masters': async (rocketmq) => {
    await createTopic(rocketmq);
    const route = await rocketmq.mqadmin(['topicRoute', '-t', 'orders']);
    expect(route).toContain('broker-a');
    expect(route).toContain('broker-b');
  },
  'master-slave': async (rocketmq) => {
    await createTopic(rocketmq);
    kill(rocketmq, 'broker-a:1');
    expect(await rocketmq.mqadmin(['sendMessage', '-t', 'orders', '-p', 'one'])).toContain('SEND_OK');
  },
  'two-masters-two-slaves': async (rocketmq) => {
    await createTopic(rocketmq);
    kill(rocketmq, 'broker-b:0');
    const route = await rocketmq.mqadmin(['topicRoute', '-t', 'orders']);
    for (const id of ['broker-a:0', 'broker-a:1', 'broker-b:1']) {
      expect(route).toContain(rocketmq.brokers.find((broker) => broker.id === id)?.address);
    }
  },
  'master-slave-sync': async (rocketmq) => {
    await createTopic(rocketmq);
    const send = () => rocketmq.mqadmin(['sendMessage', '-t', 'orders', '-p', 'one']);
    // The slave connects to its master only after both have registered.
    expect(await eventually(send, /SEND_OK/)).toContain('SEND_OK');
    kill(rocketmq, 'broker-a:1');
    expect(await send()).toMatch(/SLAVE_NOT_AVAILABLE|FLUSH_SLAVE_TIMEOUT|IN_SYNC_REPLICAS_NOT_ENOUGH/);
  },
  dledger: async (rocketmq) => {
    const leader = kill(rocketmq, 'broker-a:0');
    const ids = [...(await settled(rocketmq, leader)).values()];
    expect(ids).toContain('broker-a:0');
  },
  controller: async (rocketmq) => {
    const [controller = ''] = rocketmq.config.controllers ?? [];
    const set = () => rocketmq.mqadmin(['getSyncStateSet', '-a', controller, '-b', 'broker-a']);
    const whole = await eventually(set, /#syncStateSetNums\s+3|SyncStateSetNums:?\s*3/i);
    for (const { address } of rocketmq.brokers) expect(whole).toContain(address);
    const ids = [...(await settled(rocketmq, kill(rocketmq, 'broker-a:0'))).values()];
    expect(ids).toContain('broker-a:0');
  },
  'acting-master': async (rocketmq) => {
    await createTopic(rocketmq);
    const slave = rocketmq.brokers.find(({ id }) => id === 'broker-a:1')?.address ?? '';
    kill(rocketmq, 'broker-a:0');
    const acting = new RegExp(`"?0"?:"${slave}"`);
    const route = () => rocketmq.mqadmin(['topicRoute', '-t', 'orders']);
    expect(await eventually(route, acting)).toMatch(acting);
  },
  proxy: async (rocketmq) => {
    const { remoting = '' } = rocketmq.proxy ?? {};
    await createTopic(rocketmq);
    const route = () => rocketmq.mqadmin(['topicRoute', '-t', 'orders'], { nameServer: remoting });
    expect(await eventually(route, /broker-a/)).toContain(remoting);
  },
};

if (fullMatrix) {
  describe('every mode on every version works as intended', () => {
    for (const version of versions) {
      for (const mode of rocketmqModeNames.filter((name) => runs(version, name))) {
        labTest(
          `RocketMQ ${version}, ${mode}: every name server lists every broker, and the mode is in effect`,
          async () => {
            await using rocketmq = await startRocketmq({
              version,
              mode,
              nameServers: mode.startsWith('two-masters') ? 2 : 1,
              // A client with a timeout of 3 s learns of the slave in time.
              properties: { slaveTimeout: '1000' },
            });
            for (const nameServer of rocketmq.namesrv)
              expect(await listed(rocketmq, nameServer)).toEqual(known(rocketmq));
            await proofs[mode](rocketmq);
          },
          timeout,
        );
      }

      labTest(
        `RocketMQ ${version} with access keys accepts only the right secret key`,
        async () => {
          await using rocketmq = await startRocketmq({ version, acl: true });
          const words = ['updateTopic', '-c', 'lab', '-t', 'orders'];
          expect(await rocketmq.mqadmin(words, { secretKey: '00000000' })).toMatch(/sign|auth/i);
          expect(await rocketmq.mqadmin(words)).toContain('success');
        },
        timeout,
      );

      labTest(
        `RocketMQ ${version} with TLS and access keys replicates, and rejects plain text`,
        async () => {
          await using rocketmq = await startRocketmq({ version, mode: 'master-slave', acl: true, tls: true });
          expect(await rocketmq.mqadmin(['clusterList'], { tls: false })).not.toMatch(/^lab\s/m);
          expect(await listed(rocketmq)).toEqual(known(rocketmq));
          expect(await createTopic(rocketmq)).toContain('success');
          expect(await rocketmq.mqadmin(['sendMessage', '-t', 'orders', '-p', 'one'])).toContain('SEND_OK');
          const slave = rocketmq.brokers.find(({ id }) => id === 'broker-a:1')?.address ?? '';
          const copied = /commitLogMaxOffset\s*:\s*[1-9]/;
          expect(await eventually(() => rocketmq.mqadmin(['brokerStatus', '-b', slave]), copied)).toMatch(copied);
        },
        timeout,
      );
    }
  });

  for (const mode of ['master-slave-sync', 'dledger'] as const) {
    labTest(
      `three name servers list two groups of mode ${mode}, each with a master`,
      async () => {
        await using rocketmq = await startRocketmq({ mode, groups: 2, nameServers: 3 });
        expect(rocketmq.namesrv).toHaveLength(3);
        for (const nameServer of rocketmq.namesrv) expect(await listed(rocketmq, nameServer)).toEqual(known(rocketmq));
        const ids = rocketmq.brokers.map(({ id }) => id);
        expect(ids).toEqual(expect.arrayContaining(['broker-a:0', 'broker-b:0']));
        expect(ids).toHaveLength(mode === 'dledger' ? 6 : 4);
      },
      timeout,
    );
  }

  requires('java', 'maven', 'root', 'ip', 'tc', 'ethtool').test(
    'RocketMQ runs behind network interfaces of known speed, each broker at its own address',
    async () => {
      const up = await lab('up', 'rocketmq', '--mode', 'master-slave', '--nic', '50mbit', '--json');
      expect(up).toMatchObject({ exitCode: 0 });
      const { brokers, nameServers } = JSON.parse(up.stdout) as {
        brokers: { address: string }[];
        nameServers: string[];
      };
      expect(nameServers).toEqual(['198.18.1.2:9876']);
      expect(brokers.map(({ address }) => address)).toEqual(['198.18.2.2:10911', '198.18.3.2:10911']);
      expect((await lab('down')).exitCode).toBe(0);
    },
    timeout,
  );
}
