import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { seconds, systemClock } from '../../../core/clock.ts';
import { brokerJars } from '../../../lab/broker-jars.ts';
import { kafkaRelease } from '../../../lab/kafka/release.ts';

const release = kafkaRelease('4.3.1');
let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), 'plimsoll-jars-'))));
afterEach(() => rmSync(root, { recursive: true }));

/** A scripted Maven without a repository. */
function installMaven(body: string): NodeJS.ProcessEnv {
  const bin = join(root, 'bin');
  mkdirSync(bin, { recursive: true });
  const script = `#!/bin/sh\necho called >> '${join(root, 'calls')}'\nfor word in "$@"; do case "$word" in -DoutputDirectory=*) lib="\${word#*=}";; esac; done\n${body}\n`;
  writeFileSync(join(bin, 'mvn'), script);
  chmodSync(join(bin, 'mvn'), 0o755);
  return { PATH: `${bin}:${process.env['PATH']}` };
}

const fetches = () =>
  existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8').split('\n').length - 1 : 0;
const get = (environment: NodeJS.ProcessEnv, signal = new AbortController().signal) =>
  brokerJars(release, join(root, 'cache'), { environment, signal, progress: () => undefined });
const good = `mkdir -p "$lib"; echo jar > "$lib/kafka.jar"`;

test('jars are fetched only once', async () => {
  const maven = installMaven(good);
  const lib = await get(maven);
  expect(readdirSync(lib)).toEqual(['kafka.jar']);
  expect(await get(maven)).toBe(lib);
  expect(fetches()).toBe(1);
});

test('a cache with an incomplete jar is fetched again', async () => {
  const maven = installMaven(good);
  const lib = await get(maven);
  writeFileSync(join(lib, 'kafka.jar'), 'j');
  await get(maven);
  expect(readFileSync(join(lib, 'kafka.jar'), 'utf8')).toBe('jar\n');
  expect(fetches()).toBe(2);
});

test('a version unknown to Maven is a usage error and leaves nothing in the cache', async () => {
  const maven = installMaven(
    "echo '[ERROR] Could not find artifact org.apache.kafka:kafka_2.13:jar:4.3.1 in central'; exit 1",
  );
  await expect(get(maven)).rejects.toMatchObject({ code: 'usage' });
  expect(readdirSync(join(root, 'cache'))).toEqual([]);
});

test("any other failure is reported with Maven's own message", async () => {
  const maven = installMaven("echo '[ERROR] no route to repo.example -> [Help 1]'; exit 1");
  await expect(get(maven)).rejects.toMatchObject({
    code: 'lab-failed',
    message: expect.stringMatching(/no route to repo\.example$/) as string,
  });
});

test('an interrupted download leaves nothing in the cache', async () => {
  const interruption = new AbortController();
  const maven = installMaven(`${good}; exec sleep 600`);
  const fetching = get(maven, interruption.signal);
  while (fetches() === 0) await systemClock.sleep(seconds(0.01));
  interruption.abort(new Error('interrupted'));
  await expect(fetching).rejects.toThrow('interrupted');
  expect(readdirSync(join(root, 'cache'))).toEqual([]);
});
