import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect } from 'vitest';
import { seconds, systemClock } from '../../../core/clock.ts';
import { bitsPerSecond } from '../../../core/units.ts';
import type { LabProcess } from '../../../lab/lab-state.ts';
import {
  cardName,
  holdNamespace,
  makeNetwork,
  namespacesOf,
  planNetwork,
  removeNamespaces,
  waitUntilHeld,
  type ShapedHost,
} from '../../../lab/shaped-network.ts';
import { stopProcesses } from '../../../lab/detached-process.ts';
import { requires } from '../../support/prerequisites.ts';

const io = { clock: systemClock, signal: new AbortController().signal };
const speed = bitsPerSecond(50e6);

/** /proc/net/dev: receive bytes and packets are the first two columns, transmit ones the ninth and tenth. */
function wireBytes({ pid }: LabProcess, direction: 'receive' | 'transmit'): number {
  const line = readFileSync(`/proc/${pid}/net/dev`, 'utf8')
    .split('\n')
    .find((row) => row.trim().startsWith(`${cardName}:`));
  const columns = (line ?? '').trim().split(/\s+/).slice(1).map(Number);
  const [bytes = 0, packets = 0] = direction === 'receive' ? columns.slice(0, 2) : columns.slice(8, 10);
  return bytes + 24 * packets;
}

async function twoHosts() {
  const labId = randomBytes(4).toString('hex');
  const network = planNetwork(labId, ['sender', 'receiver'], speed);
  const holders: LabProcess[] = [];
  const remove = async () => {
    await stopProcesses(holders, io.clock);
    await removeNamespaces(namespacesOf(network), io.signal);
  };
  try {
    await makeNetwork(network, io.signal);
    for (const host of network.hosts) holders.push(holdNamespace(host, { labId, cwd: tmpdir() }));
    for (const holder of holders) await waitUntilHeld(holder, io);
  } catch (error) {
    await remove();
    throw error;
  }
  return { network, holders, [Symbol.asyncDispose]: remove };
}

function startTraffic(role: 'receive' | 'send', inside: ShapedHost, address: string) {
  const script = new URL('../../support/tcp-traffic.ts', import.meta.url).pathname;
  const words = ['netns', 'exec', inside.namespace, process.execPath, script, role, address, '5001'];
  const child = spawn('ip', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { child, [Symbol.asyncDispose]: stop };
}

requires('root', 'ip', 'tc', 'ethtool').test(
  'a shaped network interface transfers as much as a physical one of its speed, and not more',
  async () => {
    await using hosts = await twoHosts();
    const [sender, receiver] = hosts.network.hosts;
    const [sending, receiving] = hosts.holders;
    if (!sender || !receiver || !sending || !receiving) throw new Error('two hosts were planned');
    await using listening = startTraffic('receive', receiver, receiver.address);
    await once(listening.child.stdout, 'data');
    await using _sending = startTraffic('send', sender, receiver.address);

    // The first burst of the token bucket exceeds the link speed; it ends after a megabyte.
    while (wireBytes(receiving, 'receive') < 1e6) await io.clock.sleep(seconds(0.05));
    const start = {
      at: io.clock.monotonic(),
      out: wireBytes(sending, 'transmit'),
      in: wireBytes(receiving, 'receive'),
    };
    await io.clock.sleep(seconds(3));
    const elapsed = io.clock.monotonic() - start.at;
    const stated = (speed / 8) * elapsed;
    const outShare = (wireBytes(sending, 'transmit') - start.out) / stated;
    const inShare = (wireBytes(receiving, 'receive') - start.in) / stated;
    expect(outShare, 'share of the stated speed out of the sender').toBeGreaterThan(0.97);
    expect(outShare, 'share of the stated speed out of the sender').toBeLessThan(1.03);
    expect(inShare, 'share of the stated speed into the receiver').toBeGreaterThan(0.97);
    expect(inShare, 'share of the stated speed into the receiver').toBeLessThan(1.03);
  },
  60_000,
);

requires('root', 'ip', 'tc', 'ethtool').test('removing a network leaves no namespace', async () => {
  const hosts = await twoHosts();
  await hosts[Symbol.asyncDispose]();
  const listed = spawn('ip', ['netns', 'list']);
  const [names] = (await Promise.all([listed.stdout.toArray(), once(listed, 'exit')])) as [Buffer[], unknown];
  expect(Buffer.concat(names).toString()).not.toContain(hosts.network.hub);
});
