// Uses each feature as a principal of a cluster, and reports results and refusals.

import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { driverOf } from '../../brokers/registry.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { asking } from './asking.ts';
import { runCli } from './run-cli.ts';

export interface Exercised {
  /** True if the feature worked completely, without a refusal. */
  isWhole: boolean;
  /** Text for users: output, errors, and reasons of missing sections. */
  text: string;
}

export interface Exercise {
  config: ClusterConfig;
  configPath: string;
  /** Text that confirms a change. */
  confirmed: string;
  topic: string;
  group: string;
  /** Folder for output files of commands. */
  folder: string;
}

const io = () => ({ signal: AbortSignal.timeout(60_000) });

/** Reads a cluster like the exporter. */
export async function exerciseMonitoring({ config, topic, group }: Exercise): Promise<Exercised> {
  await using inspector = await driverOf(config).inspect('lab', config, io());
  const snapshot = await inspector.snapshot(io());
  const gaps = snapshot.sections.filter(({ kind, refused = 0 }) => kind === 'missing' || refused > 0);
  const hasTopic = snapshot.offsets.some((each) => each.topic === topic && each.end !== undefined);
  const seen = snapshot.groups.find(({ name }) => name === group);
  const hasLag = [...(seen?.partitions ?? [])].some((each) => each.committed !== undefined);
  return {
    isWhole: gaps.length === 0 && hasTopic && hasLag,
    text: [
      ...gaps.map(({ section, broker = '', reason = '' }) => `${section} ${broker}: ${reason}`),
      ...(hasTopic ? [] : ['no topic']),
      ...(hasLag ? [] : ['no lag']),
    ].join('\n'),
  };
}

/** Reads a cluster like the exporter; each snapshot reads timestamps of some topics only. */
export async function exerciseStoreTimes({ config, topic, group }: Exercise): Promise<Exercised> {
  await using inspector = await driverOf(config).inspect('lab', config, io());
  for (let turn = 0; turn < 20; turn += 1) {
    const { groups } = await inspector.snapshot(io());
    const lags = [...(groups.find(({ name }) => name === group)?.partitions ?? [])];
    if (lags.some((lag) => lag.topic === topic && lag.nextStoredAtMs !== undefined)) return { isWhole: true, text: '' };
  }
  return { isWhole: false, text: 'no store time' };
}

/** @param wanted patterns of the command's output */
async function exerciseCommand(
  { configPath }: Exercise,
  words: readonly string[],
  ...wanted: readonly string[]
): Promise<Exercised> {
  const { exitCode, stdout, stderr } = await asking('--config', configPath).ask(...words);
  const isWhole = exitCode === 0 && wanted.every((word) => stdout.includes(word));
  return { isWhole, text: `${exitCode} ${stdout}${stderr}` };
}

const isRefused = (text: string) => /AUTHORIZATION_FAILED|no permission to access|AclException/.test(text);

export async function exerciseLag(exercise: Exercise): Promise<Exercised> {
  const { isWhole, text } = await exerciseCommand(exercise, ['get', 'group', exercise.group], exercise.topic);
  return { isWhole: isWhole && !text.includes('lag unknown'), text };
}

export async function exerciseSettings(exercise: Exercise): Promise<Exercised> {
  const { isWhole, text } = await exerciseCommand(exercise, ['get', 'config']);
  return { isWhole: isWhole && !isRefused(text), text };
}

export const exerciseSend = (exercise: Exercise) =>
  exerciseCommand(
    exercise,
    ['send', '--topic', exercise.topic, '--value', 'one', '--execute', '--confirm', exercise.confirmed],
    'sent 3 B',
  );

export const exerciseAcls = (exercise: Exercise) => exerciseCommand(exercise, ['get', 'acls'], 'SUBJECT');

export async function exerciseProducers(exercise: Exercise): Promise<Exercised> {
  const { isWhole, text } = await exerciseCommand(exercise, ['get', 'producers']);
  return { isWhole: isWhole && !isRefused(text), text };
}

/** @param open config of a user who may send: the feature samples messages that a topic stored in the last seconds */
export async function exerciseClients({ config, topic }: Exercise, open: ClusterConfig): Promise<Exercised> {
  try {
    await using traffic = await driverOf(open).traffic('lab', open, io());
    await using producer = await traffic.producer({ acks: 'all' });
    await producer.send({ topic, partition: 0, values: [Buffer.from('three')] }, io());
    await using lookup = await driverOf(config).lookUp('lab', config, io());
    // RocketMQ shows a message to consumers a moment after it has acknowledged it.
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      const { topics, notices } = await lookup.sampleProducers([topic], io());
      if (topics.includes(topic) || notices.length > 0) {
        return { isWhole: notices.length === 0, text: notices.join('\n') };
      }
      await delay(200);
    }
    return { isWhole: false, text: 'nothing was sampled' };
  } catch (cause) {
    return { isWhole: false, text: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** Findings are not refusals: a test's lab is not configured for production. */
export async function exerciseCheck(exercise: Exercise): Promise<Exercised> {
  const { isWhole, text } = await exerciseCommand(exercise, ['cluster', 'check', '--fail-on', 'never'], 'topics');
  return { isWhole: isWhole && !isRefused(text) && !/\b0 topics/.test(text), text };
}

export const exerciseMessage = (exercise: Exercise, partition: string, command: 'message' | 'messages') =>
  exerciseCommand(exercise, ['get', command, '--topic', exercise.topic, '--partition', partition, '--offset', '0']);

/** Receives the second message: the group has committed after the first. @param commit `--commit`, which changes the group */
export function exerciseReceive({ topic, group, confirmed, folder, ...exercise }: Exercise, commit?: '--commit') {
  const words = ['receive', '--topic', topic, '--group', group];
  const more = commit ? [commit, '--confirm', confirmed, '--state-dir', join(folder, 'state', topic)] : [];
  return exerciseCommand({ topic, group, confirmed, folder, ...exercise }, [...words, ...more], 'two');
}

export const exerciseLease = (exercise: Exercise) => exerciseCommand(exercise, ['ops', 'status'], 'free');

export async function exerciseCanary({ config, topic }: Exercise): Promise<Exercised> {
  try {
    await using traffic = await driverOf(config).traffic('lab', config, io());
    await using echo = await traffic.echo({ topic });
    const [place] = await echo.places(io());
    if (place === undefined) return { isWhole: false, text: 'no place' };
    const offset = await echo.send(place, Buffer.from('probe'), io());
    const read = await echo.read(place, offset, io());
    return { isWhole: read?.toString() === 'probe', text: '' };
  } catch (cause) {
    return { isWhole: false, text: cause instanceof Error ? cause.message : String(cause) };
  }
}

/** A refused deletion of its group is only reported. */
export async function exerciseCapture(exercise: Exercise, name: string): Promise<Exercised> {
  const words = ['--topic', exercise.topic, '--from-start', '--messages', '2', '--for', '20s'];
  const out = join(exercise.folder, `${name}.json`);
  const { isWhole, text } = await exerciseCommand(exercise, ['capture', ...words, '--out', out], 'written to');
  return { isWhole: isWhole && !isRefused(text), text };
}

/** Plans a change and executes nothing. */
export const exercisePlan = (exercise: Exercise, words: readonly string[], ...wanted: readonly string[]) =>
  exerciseCommand(exercise, ['ops', ...words], ...wanted);

/** Executes a change, with a separate state folder. */
export function exerciseChange(exercise: Exercise, words: readonly string[], ...wanted: readonly string[]) {
  const state = words.includes('partitions') ? [] : ['--state-dir', join(exercise.folder, 'state', exercise.topic)];
  return exerciseCommand(
    exercise,
    ['ops', ...words, '--execute', '--confirm', exercise.confirmed, ...state],
    ...wanted,
  );
}

/** @param workload a file for values that options cannot set */
export async function exerciseLoadTest(
  { configPath, folder }: Exercise,
  name: string,
  workload?: string,
): Promise<Exercised> {
  const words = `run --config ${configPath} --out ${join(folder, name)} --accept-blind --message-size 200 --groups 1`;
  const more = workload === undefined ? [] : [workload];
  const rate = [
    '--rate-steps',
    '200',
    '--step-duration',
    '2s',
    '--warm-up',
    '0s',
    '--no-calibration',
    '--partitions',
    '3',
  ];
  const { exitCode, stdout, stderr } = await runCli(...words.split(' '), ...rate, ...more);
  return { isWhole: exitCode === 0 && !isRefused(stderr), text: `${exitCode ?? ''} ${stdout}${stderr}` };
}
