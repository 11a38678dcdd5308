// Runs a real schema registry: Apicurio Registry from Maven Central, with its Confluent-compatible API.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { cacheFolder } from '../../core/user-folders.ts';
import { freePorts } from '../../lab/free-port.ts';
import { run } from './jvms/built-once.ts';
import { machineJvm } from './jvms/jvms.ts';

const version = '2.6.13.Final';

export interface RunningRegistry extends AsyncDisposable {
  /** Base URL of the Confluent-compatible API. */
  url: string;
  /** @returns the id of the schema */
  register(subject: string, schema: { schemaType?: string; schema: string; references?: object[] }): Promise<number>;
}

/** Starts the registry in about 11 s, with a download of 140 MB the first time. It keeps schemas in memory. */
export async function startApicurio(): Promise<RunningRegistry> {
  const home = await unpacked();
  const [port = 0] = await freePorts(1);
  const jar = join(home, `apicurio-registry-app-${version}-runner.jar`);
  const words = [
    '-Xmx300m',
    '-XX:TieredStopAtLevel=1',
    `-Dquarkus.http.port=${port}`,
    '-Dquarkus.http.host=127.0.0.1',
    '-jar',
    jar,
  ];
  const child = spawn(machineJvm().java, words, { cwd: home, stdio: 'ignore' });
  const ended = once(child, 'exit');
  const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  try {
    const deadline = performance.now() + 90_000;
    while (!(await isUp(url))) {
      if (child.exitCode !== null || performance.now() > deadline) throw new Error('Apicurio Registry did not start');
      await delay(250);
    }
  } catch (cause) {
    await stop();
    throw cause;
  }
  return {
    url,
    async register(subject, schema) {
      const response = await fetch(`${url}/subjects/${encodeURIComponent(subject)}/versions`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/vnd.schemaregistry.v1+json' },
        body: JSON.stringify(schema),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${subject}: ${text}`);
      return z.looseObject({ id: z.number() }).parse(JSON.parse(text)).id;
    },
    [Symbol.asyncDispose]: stop,
  };
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/subjects`)).ok;
  } catch {
    return false;
  }
}

async function unpacked(): Promise<string> {
  const home = join(cacheFolder(process.env), 'lab', `apicurio-registry-${version}`);
  try {
    await access(home);
    return home;
  } catch {
    // Not unpacked yet.
  }
  await mkdir(join(home, '..'), { recursive: true });
  const folder = await mkdtemp(`${home}.building-`);
  const artefact = `io.apicurio:apicurio-registry-app:${version}:tar.gz:all`;
  await run('mvn', ['-B', 'dependency:copy', `-Dartifact=${artefact}`, `-DoutputDirectory=${folder}`]);
  const [archive = ''] = await readdir(folder);
  await run('tar', ['xzf', join(folder, archive), '-C', folder]);
  await rm(join(folder, archive));
  await rename(folder, home);
  return home;
}
