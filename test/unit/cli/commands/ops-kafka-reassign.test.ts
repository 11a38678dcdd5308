import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { executedText, planText } from '../../../../cli/reassign/plan-text.ts';
import { runCommandLine } from '../../../../cli/command-line.ts';
import { ReassignDocument } from '../../../../core/documents/reassignment.ts';
import { reassignOptions } from '../../../../cli/reassign/reassign-options.ts';
import { commands } from '../../../../cli/registry.ts';
import { systemClock } from '../../../../core/clock.ts';
import { writesWait } from '../../../../ops/kafka/live/writes-wait.ts';
import { reassignJournal } from '../../../support/reassign-journal.ts';
import { scriptFiles } from '../../../../ops/kafka/reassign/script-files.ts';
import { assignmentOf, planOf } from '../../../support/reassignment-clusters.ts';

const example = (name: string) => `examples/reassignment/${name}.json`;
const files = ['--assignment', example('current'), '--brokers', example('brokers')];

async function run(...words: string[]) {
  const said = { stdout: '', stderr: '' };
  const output = (stream: 'stdout' | 'stderr') => ({
    write: (text: string) => void (said[stream] += text),
    isTerminal: false,
    columns: 100,
  });
  const exitCode = await runCommandLine(['ops', 'kafka', 'reassign', ...words], commands, {
    stdout: output('stdout'),
    stderr: output('stderr'),
    signal: new AbortController().signal,
    environment: { PATH: '' },
    clock: systemClock,
  });
  return { exitCode, ...said };
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'plimsoll-reassign-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

test('adding a broker moves four of eighteen replicas, and writes files for Kafka’s scripts', async () => {
  const out = join(folder(), 'files');
  const { exitCode, stdout } = await run(...files, '--add', '4', '--files', out, '--notice', 'zh', '--json');
  expect(exitCode).toBe(0);
  const document = ReassignDocument.parse(JSON.parse(stdout));
  expect([document.moves.replicas, document.lowerBound.replicas]).toEqual([4, 4]);
  expect(readdirSync(out)).toEqual([
    'commands.txt',
    'notice.txt',
    'plan.json',
    'preferred-leaders.json',
    'rollback.json',
    'wave-01.json',
  ]);
  expect(JSON.parse(readFileSync(join(out, 'plan.json'), 'utf8'))).toEqual(document.plan);
  expect(JSON.parse(readFileSync(join(out, 'rollback.json'), 'utf8'))).toEqual(document.rollback);
  expect(readFileSync(join(out, 'commands.txt'), 'utf8')).toContain('--reassignment-json-file wave-01.json --verify');
  const again = await run(...files, '--add', '4', '--files', out);
  expect([again.exitCode, again.stderr.includes('cannot write into')]).toEqual([2, true]);
});

test('files of a running cluster have its addresses, and commands over ZooKeeper only if its scripts may need it', () => {
  const plan = planOf({ assignment: assignmentOf([[1], [1]]), brokers: [1, 2].map((id) => ({ id })), add: [2] });
  const commandsFor = (mayNeedZooKeeper: boolean, isSecured = false) =>
    scriptFiles(plan, { bootstrap: ['b1:9092', 'b2:9092'], mayNeedZooKeeper, isSecured }).get('commands.txt') ?? '';
  expect(commandsFor(false)).toContain('kafka-reassign-partitions.sh --bootstrap-server b1:9092,b2:9092 ');
  expect(commandsFor(false)).not.toContain('zookeeper');
  expect(commandsFor(true)).toContain('kafka-reassign-partitions.sh --zookeeper ZOOKEEPER:2181 ');
  expect(commandsFor(false)).not.toContain('client.properties');
});

test('each command for a cluster with TLS or a login names the file with their settings', () => {
  const plan = planOf({ assignment: assignmentOf([[1], [1]]), brokers: [1, 2].map((id) => ({ id })), add: [2] });
  const servers = { bootstrap: ['b1:9093'], mayNeedZooKeeper: false, isSecured: true };
  const lines = (scriptFiles(plan, servers).get('commands.txt') ?? '').split('\n');
  const ofTool = (tool: string) => lines.filter((line) => line.startsWith(tool));
  expect(ofTool('kafka-reassign-partitions.sh').length).toBeGreaterThan(2);
  for (const line of ofTool('kafka-reassign-partitions.sh'))
    expect(line).toContain(' --command-config client.properties');
  const elections = ofTool('kafka-leader-election.sh');
  expect(elections.map((each) => each.includes(' --admin.config client.properties'))).toEqual([true, true]);
});

test.each(['execute', 'resume', 'pause', 'status'])('--%s is refused together with --abort', async (other) => {
  const { exitCode, stderr } = await run('--bootstrap', '127.0.0.1:1', '--abort', `--${other}`);
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/--(?:abort|\w+) and --\w+ exclude each other/)]);
});

test('a throttle in files for Kafka’s scripts is a whole number of bytes', async () => {
  const out = join(folder(), 'files');
  expect((await run(...files, '--add', '4', '--throttle', '8.2MB/s', '--files', out)).exitCode).toBe(0);
  const commands = readFileSync(join(out, 'commands.txt'), 'utf8');
  expect(commands).toContain('--execute --throttle 8200000\n');
  const rollback = commands.slice(commands.lastIndexOf('# Rollback')).split('\n');
  // No faster than the plan, also beside a move in progress; without --verify the throttle stays.
  expect(rollback[1]).toMatch(/rollback\.json --execute --additional --throttle 8200000$/);
  expect(rollback[3]).toMatch(/rollback\.json --verify$/);
  expect(rollback[5]).toContain('kafka-leader-election.sh');
});

test('plans a broker replacement, another replication factor, and leaders only', async () => {
  const document = async (...words: string[]) =>
    JSON.parse((await run(...files, ...words, '--json')).stdout) as { moves: { replicas: number } };
  expect((await document('--replace', '2=4')).moves.replicas).toBe(6);
  expect((await document('--replication-factor', '2')).moves.replicas).toBe(0);
  expect((await document('--replication-factor', '2', '--remove', '2,4')).moves.replicas).toBe(0);
  expect((await document('--leaders')).moves.replicas).toBe(0);
});

test('replicas removed without a copy are in the first line and in a finding', async () => {
  const { stdout } = await run(...files, '--replication-factor', '1');
  expect(stdout).toContain('0 replicas move; 12 replicas are removed; ');
  expect(stdout).toContain('critical: 6 partitions get fewer replicas: ');
});

test('a plan shows amounts with units, and the time over which hand-overs are spaced', () => {
  const assignment = assignmentOf([[1], [1]]);
  const plan = planOf({
    assignment,
    brokers: [1, 2].map((id) => ({ id, capacity: { networkBytesPerSecond: 125_000_000 } })),
    sizes: assignment.partitions.map(({ topic, partition }) => ({ topic, partition, bytes: 55_941_187 })),
    add: [2],
  });
  const text = planText(plan, []);
  expect(text).toContain('1 replica moves with 55.9 MB; 1 partition gets another preferred leader.\n');
  expect(text).toContain('at least 1 replica, and 55.9 MB;');
  expect(text).toMatch(/55\.9 MB +56\.3 MB\/s/);
  expect(text).toContain('The waves take 3.99 s (');
  const spacedText = (share: number) => {
    const wait = writesWait(new Map([[1, 1000]]), {
      handOvers: plan.plan.partitions,
      written: new Map(['orders-0', 'orders-1'].map((partition) => [partition, 1000])),
      share,
    });
    return planText(plan, wait === undefined ? [] : [wait]);
  };
  const spaced = spacedText(0.005);
  expect(spaced).toContain('The change takes at least 100 s, because ');
  expect(spaced).not.toContain('The waves take');
  // Longer than the waves are expected to take, shorter than they may take.
  const between = spacedText(0.12);
  expect(between).toContain('The waves take 3.99 s (');
  expect(between).toContain('The change takes at least 4 s, because ');
});

test.each(['50MB', '50 MB/s', '50000000', '5e7'])(
  'accepts a copy rate with a unit or in bytes per second: %s',
  (rate) => {
    expect(reassignOptions.throttle.schema.parse(rate)).toBe(50_000_000);
  },
);

test.each([
  [['--throttle', '1Mb'], 'write bytes per second, such as 50MB/s'],
  [['--throttle', '0MB/s'], 'write bytes per second, such as 50MB/s'],
  [['--incoming', 'much'], 'write bytes per second, such as 50MB/s'],
  [['--execute'], '--execute needs a cluster'],
  [['--replace', '1'], 'such as 3=7'],
  [['--replace', '1=4', '--add', '4'], 'cannot be combined'],
  [['--replication-factor', '0'], '0 is not a whole number from 1 to 64'],
  [['--replication-factor', '5'], '5 replicas need 5 brokers'],
  [['--topics', 'top-tps:3'], 'files do not show which topics are busy'],
  [['--topics', 'a)|(?:b'], 'Unmatched'],
  [['--topics', 'domain:orders'], 'domains are of clusters of the config file'],
])('rejects options that cannot be used with files: %j', async (words, problem) => {
  const { exitCode, stderr } = await run(...files, ...words);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining(problem)]);
});

test('if no broker answers, the hint is the command that lists unfinished changes', async () => {
  const config = join(folder(), 'plimsoll.yaml');
  writeFileSync(config, 'clusters:\n  orders: { broker: kafka, bootstrap: ["127.0.0.1:1"] }\n');
  for (const [given, named] of [
    [['--bootstrap', '127.0.0.1:1'], '--bootstrap 127.0.0.1:1'],
    [['--config', config], `--config ${config} --cluster orders`],
    [['--bootstrap', '127.0.0.1:1', '--state-dir', "/it's"], `--bootstrap 127.0.0.1:1 --state-dir '/it'\\''s'`],
  ] as const) {
    const { exitCode, stderr } = await run(...given, '--resume');
    expect([exitCode, stderr]).toEqual([5, expect.stringContaining(`; \`plimsoll ops status ${named}\` lists`)]);
  }
});

test('reports an unreachable cluster, and a cluster that is not Kafka', async () => {
  expect(await run('--bootstrap', '127.0.0.1:1', '--add', '4')).toMatchObject({ exitCode: 5 });
  const config = join(folder(), 'plimsoll.yaml');
  writeFileSync(config, 'clusters:\n  mq: { broker: rocketmq, namesrv: ["127.0.0.1:1"] }\n');
  const { exitCode, stderr } = await run('--config', config, '--add', '4');
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('is not a Kafka cluster')]);
});

test('the text of a rollback leaves the placement to its findings, because placements of others are kept', () => {
  const state = reassignJournal({ original: [], target: [] });
  const message = 'Partitions not as planned, 1: orders-3.';
  const finding = { severity: 'critical' as const, code: 'replicas-as-planned', message, evidence: [] };
  state.checks.after = { at: state.startedAt, findings: [finding] };
  const [first, second] = executedText({ result: { kind: 'rolled-back' }, state, kept: 'x.over' }).split('\n');
  expect([first, second]).toEqual(['Rolled back.', `critical: ${message}`]);
});
