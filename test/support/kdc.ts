// Runs a real Kerberos KDC (MIT) for one realm.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from '../../lab/free-port.ts';
import { runTool } from '../../lab/run-tool.ts';
import { withSetClock } from './set-clock.ts';

export const realm = 'PLIMSOLL.TEST';

/** Issues tickets of a KDC. */
interface Issuer {
  /** Path of krb5.conf. */
  config: string;
  /** Gets a ticket with a keytab. @returns its credential cache */
  ticket(name: string, keytab: string, lifetime: string): Promise<string>;
}

export interface RunningKdc extends Issuer, AsyncDisposable {
  /** Adds the principal with a random key. @returns the keytab */
  addPrincipal(name: string): Promise<string>;
  /** Starts another KDC of the realm with a clock that is slow by this span. Its tickets equal those of a client with such a clock. */
  behind(span: string): Promise<Issuer>;
  /** Stops the KDC; its tickets stay valid. */
  stop(): Promise<void>;
}

/** Starts in about a second. */
export async function startKdc(): Promise<RunningKdc> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-test-kdc-'));
  const ended: (() => Promise<void>)[] = [];

  /** @param clock environment of the KDC and of its clients */
  async function serve(name: string, clock: NodeJS.ProcessEnv = {}) {
    const [port = 0] = await freePorts(1);
    const config = join(folder, `${name}.conf`);
    await writeFile(config, clientConfig(folder, port));
    const profile = join(folder, `${name}-kdc.conf`);
    await writeFile(profile, kdcConfig(folder, port));
    const environment = { ...process.env, ...clock, KRB5_CONFIG: config, KRB5_KDC_PROFILE: profile };
    const tool = async (program: string, words: readonly string[]) => {
      const answer = await runTool(program, words, { signal: AbortSignal.timeout(30_000), environment });
      if (answer?.exitCode !== 0) throw new Error(`${program} ${words.join(' ')}: ${answer?.stderr}`);
    };
    if (!existsSync(join(folder, 'principal'))) {
      await tool('/usr/sbin/kdb5_util', ['create', '-s', '-r', realm, '-P', 'of-a-test']);
    }
    const kdc = spawn('/usr/sbin/krb5kdc', ['-n', '-r', realm], { env: environment, stdio: 'ignore' });
    const exit = once(kdc, 'exit');
    const stop = async () => {
      kdc.kill();
      await exit;
    };
    ended.push(stop);
    await listening(port);
    return {
      config,
      tool,
      stop,
      async ticket(principal: string, keytab: string, lifetime: string) {
        const cache = join(folder, `cache-${name}-${lifetime}`);
        await tool('kinit', ['-k', '-t', keytab, '-c', cache, '-l', lifetime, principal]);
        return cache;
      },
    };
  }

  const { config, tool, stop, ticket } = await serve('krb5');
  return {
    config,
    ticket,
    stop,
    async addPrincipal(name) {
      const keytab = join(folder, `${name.replaceAll('/', '-')}.keytab`);
      await tool('/usr/sbin/kadmin.local', ['-r', realm, 'addprinc', '-randkey', name]);
      await tool('/usr/sbin/kadmin.local', ['-r', realm, 'ktadd', '-k', keytab, name]);
      return keytab;
    },
    behind: (span) => serve(`behind-${span}`, { ...withSetClock, FAKETIME: `-${span}` }),
    async [Symbol.asyncDispose]() {
      await Promise.all(ended.map((end) => end()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const clientConfig = (folder: string, port: number) => `[libdefaults]
  default_realm = ${realm}
  dns_canonicalize_hostname = false
  rdns = false
  dns_lookup_kdc = false
[realms]
  ${realm} = {
    kdc = 127.0.0.1:${port}
    database_name = ${folder}/principal
  }
[domain_realm]
  localhost = ${realm}
`;

const kdcConfig = (folder: string, port: number) => `[kdcdefaults]
  kdc_listen = 127.0.0.1:${port}
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${realm} = {
    database_name = ${folder}/principal
    key_stash_file = ${folder}/stash
    acl_file = ${folder}/acl
  }
`;

async function listening(port: number): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    if (performance.now() > deadline) throw new Error('the KDC did not start');
    await delay(100);
  }
}
