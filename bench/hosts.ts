// What do many machines read over SSH cost? Each behind a real sshd of its own, all read every 15 s.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { readingSections } from '../core/host-reading.ts';
import { SshHost } from '../hosts/config.ts';
import type { HostProbe } from '../hosts/probe.ts';
import { openSshHost } from '../hosts/ssh.ts';
import { makeKey, publicKeyOf, startSshd } from '../test/support/sshd.ts';
import type { Bench } from './bench.ts';
import { cpuSecondsOf, peakResidentBytesOf } from './measured-process.ts';

const periodSeconds = 15;
const rounds = 3;
/** All those of a machine without the watch for single processes, which depends on how many run there. */
const sections = new Set(readingSections.filter((section) => section !== 'processes'));

export const hosts = {
  name: 'hosts',
  summary: `CPU and memory of machines read over SSH every ${periodSeconds} s, each by a real sshd`,
  options: { machines: { type: 'string', value: 'N', help: 'how many (default 200)' } },

  async run({ options, stderr, signal, clock }) {
    const count = Number(options['machines'] ?? 200);
    await using cleanUp = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'plimsoll-bench-hosts-'));
    cleanUp.defer(() => rm(folder, { recursive: true }));
    const privateKeyFile = makeKey(folder, 'user_key');
    const hostKey = makeKey(folder, 'host_key');
    const knownHostsFile = join(folder, 'known_hosts');
    const [type, key] = publicKeyOf(hostKey).split(' ');
    await writeFile(knownHostsFile, `[127.0.0.1]:* ${type} ${key}\n`);

    const probes: HostProbe[] = [];
    for (let index = 0; index < count; index++) {
      signal.throwIfAborted();
      const sshd = cleanUp.use(await startSshd({ folder, hostKey, authorized: [publicKeyOf(privateKeyFile)] }));
      const address = `127.0.0.1:${sshd.port}`;
      const config = { probe: 'ssh', address, user: userInfo().username, privateKeyFile, knownHostsFile };
      probes.push(cleanUp.use(openSshHost(`far-${index}`, SshHost.parse(config))));
    }
    const readAll = () => Promise.all(probes.map((probe) => probe.sample(sections, { signal })));
    // One after another: this machine serves every connection as well.
    for (const probe of probes) await probe.sample(sections, { signal });
    stderr.write(`${count} machines are connected\n`);

    const cpuBefore = cpuSecondsOf(process.pid);
    const began = clock.monotonic();
    for (let round = 1; round <= rounds; round++) {
      const start = clock.monotonic();
      await readAll();
      const took = clock.monotonic() - start;
      stderr.write(`round ${round}: ${took.toFixed(2)} s\n`);
    }
    stderr.write(`all rounds: ${(clock.monotonic() - began).toFixed(2)} s\n`);
    const cores = (cpuSecondsOf(process.pid) - cpuBefore) / rounds / periodSeconds;
    const residentMegabytes = peakResidentBytesOf(process.pid) / 1e6;
    return [
      {
        metric: `CPU, ${count} machines every ${periodSeconds} s`,
        unit: 'cores',
        ours: cores,
        goal: 'below 1',
        met: cores < 1,
      },
      {
        metric: `most resident, ${count} machines`,
        unit: 'MB',
        ours: residentMegabytes,
        goal: 'below 500',
        met: residentMegabytes < 500,
      },
    ];
  },
} satisfies Bench;
