import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { loadConfigFile, parseConfig, type CrossCheck } from '../../../core/config-file.ts';
import { BitRate, Share } from '../../../core/text/quantity.ts';
import { Secret } from '../../../core/secret.ts';

const Host = z.discriminatedUnion('probe', [
  z.strictObject({ probe: z.literal('local'), speed: BitRate.optional(), devices: z.array(z.string()).optional() }),
  z.strictObject({ probe: z.literal('remote'), password: Secret }),
]);
const Config = z.strictObject({
  hosts: z.record(z.string(), Host).default({}),
  share: Share.optional(),
  level: z.enum(['low', 'middle', 'high']).default('low'),
});

function problems(text: string, crossCheck?: CrossCheck): string[] {
  const reading = parseConfig(text, Config, crossCheck);
  if (reading.kind === 'valid') return [];
  return reading.problems.map(({ line, path, message }) =>
    [line, path, message].filter((part) => part !== undefined).join(': '),
  );
}

test('a valid file is parsed with defaults and base units', () => {
  expect(parseConfig('hosts: { a: { probe: local, speed: 50mbit } }', Config)).toEqual({
    kind: 'valid',
    config: { hosts: { a: { probe: 'local', speed: 5e7 } }, level: 'low' },
  });
});

test('all problems are reported at once in file order, each with line and path', () => {
  const text = `hosts:
  a:
    probe: local
    speed: 50furlong
    devces: [eth0]
  b: { probe: remote, password: hunter2 }
level: hihg
`;
  expect(problems(text)).toEqual([
    '4: hosts.a.speed: "50furlong" is not a link speed, such as 50mbit (units: bit, kbit, mbit, gbit)',
    '5: hosts.a.devces: unknown key; did you mean devices? (known here: probe, speed, devices)',
    '6: hosts.b.password: secrets are not allowed here; use ${file:/path} or ${env:NAME}',
    '7: level: "hihg" is not known; it must be one of low, middle, high (did you mean high?)',
  ]);
});

test('an unknown key is compared with the keys of its branch', () => {
  expect(problems('hosts: { b: { probe: remote, password: "${env:X}", speed: 1gbit } }')).toEqual([
    '1: hosts.b.speed: unknown key; known here: probe, password',
  ]);
});

test('an unknown key that the schema has elsewhere is reported with that place', () => {
  expect(problems('speed: 1gbit\nlevel: low\n')).toEqual([
    '1: speed: unknown key; did you mean hosts.NAME.speed? (known here: hosts, share, level)',
  ]);
});

test('a list in place of named entries, and a value under another key, are reported with what to write', () => {
  expect(problems('hosts:\n  - { name: a, probe: local }\n')).toEqual([
    '1: hosts: must be a map, but is a list: write `NAME:` in place of each dash',
  ]);
  for (const text of ['hosts: [a, b]', 'hosts: []']) {
    expect(problems(text)).toEqual(['1: hosts: must be a map, but is a list']);
  }
  expect(problems('hosts: { a: { kind: local } }')).toEqual([
    '1: hosts.a.probe: is missing; it must be one of local, remote; write probe in place of kind',
  ]);
  // `speed` is known, whatever its value.
  expect(problems('hosts: { a: { speed: local } }')).toEqual([
    '1: hosts.a.probe: is missing; it must be one of local, remote',
  ]);
});

test('a key that does not look like a name is not repeated in the message', () => {
  const found = problems('root:$6$abc:19000:0:99999:7:::\nhosts.web: {}\nlevel: low\n');
  expect(found).toEqual([
    expect.stringMatching(/^1: \(an invalid key\): unknown key; known here: hosts, share, level$/),
    expect.stringMatching(/^2: "hosts\.web": unknown key/),
  ]);
});

test('a file of another kind is reported as such, without its keys and values', () => {
  const found = problems('root:$6$abc:19000:0:99999:7:::\nhunter2: { a: 1 }\ncorrect horse: battery\n');
  expect(found).toEqual(['is another kind of file: none of its 3 keys is known; known here: hosts, share, level']);
});

test('typing errors in all keys are still reported per key', () => {
  expect(problems('hots: {}\nshar: 1\nlevel2: low\n')).toHaveLength(3);
});

test('a missing key is reported with the line where it belongs', () => {
  expect(problems('level: low\nhosts:\n  b:\n    probe: remote\n')).toEqual([
    '3: hosts.b.password: is missing; it must be a secret by reference: ${file:/path} or ${env:NAME}',
  ]);
});

test('a number in place of text with a unit is reported with an example', () => {
  expect(problems('hosts: { a: { probe: local, speed: 50 } }')).toEqual([
    '1: hosts.a.speed: 50 is not a link speed, such as 50mbit (units: bit, kbit, mbit, gbit)',
  ]);
});

test('a value of another type is reported with the expected type', () => {
  const Described = z.strictObject({ clusters: z.record(z.string(), z.string()).describe('addresses by name') });
  expect(parseConfig('clusters:', Described)).toMatchObject({
    problems: [{ message: 'must be a map (addresses by name), but is null' }],
  });
  expect(parseConfig('- a', Described)).toMatchObject({ problems: [{ message: 'must be a map, but is a list' }] });
});

test('reads a pipe to its end, even if the writer pauses', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-config-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const loading = loadConfigFile(pipe, Config, { signal: new AbortController().signal });
  await using writer = await open(pipe, 'w');
  await writer.write('level: high\n');
  await setTimeout(50);
  await writer.write('bogus: 1\n');
  await writer.close();
  await expect(loading).rejects.toThrow('bogus: unknown key');
});

test('an unknown discriminator is reported with the known values', () => {
  expect(problems('hosts: { a: { probe: locl } }')).toEqual([
    '1: hosts.a.probe: "locl" is not known; it must be one of local, remote (did you mean local?)',
  ]);
});

test('the error for a union comes from the branch that matches the type of the value', () => {
  expect(problems('share: 3')).toEqual(['1: share: a share is between 0 and 1; write 0.7 or 70%']);
  expect(problems('share: 600%')).toEqual(['1: share: a share is between 0 and 1; write 0.7 or 70%']);
  expect(problems('share: 70 furlongs')).toEqual(['1: share: "70 furlongs" is not a share, such as 70% (units: %)']);
});

test('a duplicate key is reported in addition to all other problems', () => {
  expect(problems('level: low\nlevel: high\nshare: 2')).toEqual([
    '2: the key "level" is defined twice',
    '3: share: a share is between 0 and 1; write 0.7 or 70%',
  ]);
});

test('a file that is not YAML is reported with its first errors and the number of the others', () => {
  const found = problems(readFileSync('README.md', 'utf8'));
  expect(found).toHaveLength(4);
  expect(found[3]).toMatch(/^\d+ more: is this file YAML\?$/);
});

test('invalid YAML is reported with its line, without further problems', () => {
  const [first, ...rest] = problems('hosts:\n  a: { probe: local\nlevel: nonsense');
  expect(first).toMatch(/^3: /);
  expect(rest.join()).not.toContain('nonsense');
  const reading = parseConfig('level: low\n  share: 2', Config);
  expect(reading.kind === 'invalid' && reading.problems[0]).toMatchObject({ line: 1, column: 8 });
});

test('an empty file is reported as empty', () => expect(problems('# nothing\n')).toEqual(['the file is empty']));

test('rejects nested aliases that would exhaust the memory', () => {
  const levels = Array.from(
    { length: 9 },
    (_, level) => `l${level + 1}: &l${level + 1} [${Array(9).fill(`*l${level}`).join(', ')}]`,
  );
  expect(problems(['l0: &l0 [x]', ...levels].join('\n'))).toEqual([expect.stringMatching(/alias/i)]);
});

test('references to undefined names are reported with the problems of the schema', () => {
  const crossCheck: CrossCheck = () => [{ path: ['hosts', 'a'], message: 'points to nothing' }];
  expect(problems('level: 3\nhosts: { a: { probe: local } }', crossCheck)).toEqual([
    expect.stringMatching(/^1: level: 3 is not known/),
    '2: hosts.a: points to nothing',
  ]);
});

test('a file that cannot be read is reported with the reason', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-config-'));
  const { signal } = new AbortController();
  const load = (name: string) => loadConfigFile(join(folder, name), Config, { signal });
  await writeFile(join(folder, 'binary'), Buffer.from([0xff, 0xfe, 0x00]));
  await writeFile(join(folder, 'large'), Buffer.alloc(3 * 2 ** 20, 'a'));
  await writeFile(join(folder, 'wrong'), 'hots: 1\nshar: 2\n');
  try {
    await expect(load('absent')).rejects.toMatchObject({
      code: 'config-unreadable',
      message: expect.stringContaining('no such file'),
    });
    await expect(load('.')).rejects.toMatchObject({
      code: 'config-unreadable',
      message: expect.stringContaining('it is a directory'),
    });
    await expect(load('binary')).rejects.toMatchObject({
      code: 'config-unreadable',
      message: expect.stringContaining('not UTF-8'),
    });
    await expect(load('large')).rejects.toMatchObject({
      code: 'config-unreadable',
      message: expect.stringContaining('larger than'),
    });
    await expect(load('wrong')).rejects.toMatchObject({
      code: 'config-invalid',
      message: expect.stringContaining('2 problems in'),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('an interruption while the file opens rejects with its reason', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'config-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'plimsoll.yaml');
  await writeFile(file, 'level: low\n');
  const interruption = new AbortController();
  const reading = loadConfigFile(file, Config, { signal: interruption.signal });
  interruption.abort(new Error('interrupted'));
  await expect(reading).rejects.toThrow('interrupted');
});

test('a value of the wrong type is not repeated in the message, since it may be a password', () => {
  const told = problems(
    'hosts:\n  a: { probe: remote, password: 12345678 }\n  b: admin:hunter2\n  c: { probe: local, devices: hunter3 }\n  d: { probe: hunter4 }\n',
  ).join('\n');
  expect(told).toContain(
    'hosts.a.password: must be text (a secret by reference: ${file:/path} or ${env:NAME}), but is a number',
  );
  expect(told).toContain('hosts.c.devices: must be a list, but is text');
  expect(told).toContain('hosts.b: must be a map, but is text');
  expect(told).toContain('hosts.d.probe: text is not known; it must be one of local, remote');
  expect(told).not.toMatch(/12345678|hunter/);
});

test('an empty list or text is reported with what it must contain', () => {
  const NotEmpty = z.strictObject({
    seeds: z.array(z.string()).min(1).describe('brokers to ask first'),
    name: z.string().min(1).optional(),
  });
  expect(parseConfig('seeds: []\nname: ""', NotEmpty)).toMatchObject({
    problems: [
      { path: 'seeds', message: 'is empty; it must be brokers to ask first' },
      { path: 'name', message: 'is empty; it must be something' },
    ],
  });
});

test('an invalid key is reported with its line, and an abbreviation in the message keeps its capitals', () => {
  const Named = z.record(z.string().regex(/^[a-z]+$/, 'GSSAPI is no name'), z.string());
  expect(parseConfig('ok: x\n"..": y', Named)).toEqual({
    kind: 'invalid',
    problems: [{ path: '".."', line: 2, message: 'GSSAPI is no name' }],
  });
});

test('an empty secret is reported as empty', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-secret-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'password'), '\n');
  expect(() => Secret.parse(`\${file:${folder}/password}`).reveal()).toThrow(`secret file ${folder}/password is empty`);
  expect(() => Secret.parse('${env:PASSWORD}').reveal({ PASSWORD: '' })).toThrow('variable PASSWORD is empty');
  expect(Secret.parse('${env:PASSWORD}').reveal({ PASSWORD: 'x' })).toBe('x');
});

test('the error for a union of maps comes from the branch with the known keys, or states what is expected', () => {
  const Match = z
    .union([z.strictObject({ port: z.int() }), z.strictObject({ file: z.string().describe('file with the pid') })])
    .describe('one of port, file');
  const wrong = (text: string) => {
    const reading = parseConfig(text, z.strictObject({ match: Match }));
    return reading.kind === 'valid' ? [] : reading.problems.map(({ path, message }) => `${path}: ${message}`);
  };
  expect(wrong('match: { file: 3 }')).toEqual(['match.file: must be text (file with the pid), but is a number']);
  expect(wrong('match: {}')).toEqual(['match: does not fit (one of port, file)']);
  expect(wrong('match: { port: 1, file: pid }')).toEqual(['match: does not fit (one of port, file)']);
});
