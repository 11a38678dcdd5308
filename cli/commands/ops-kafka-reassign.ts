// Which replicas have to move when brokers join or leave, and what is the least that could? Reads files, asks no broker, changes nothing.

import { AppError, exitCodes } from '../../core/errors.ts';
import { nearest } from '../../core/nearest.ts';
import { buildProblem } from '../../ops/kafka/reassign/build-problem.ts';
import { Assignment, Brokers, parseFile, Sizes, TopicsToMove } from '../../ops/kafka/reassign/files.ts';
import { noticeLanguages, renderNotice, type NoticeLanguage } from '../../ops/kafka/reassign/notice.ts';
import { planFindings } from '../../ops/kafka/reassign/plan-findings.ts';
import { defaultMovesPerBroker, planReassignment } from '../../ops/kafka/reassign/plan-reassignment.ts';
import type { Command, CommandIo } from '../command.ts';
import { numberOption } from '../number-option.ts';
import { planText } from '../reassign/plan-text.ts';
import { readBounded } from '../reassign/read-bounded.ts';

const schemaVersion = 1;

export const opsKafkaReassignCommand = {
  name: 'ops kafka reassign',
  summary: 'Plan the reassignment of least movement for brokers that join or leave, with waves and rollback.',
  options: {
    assignment: { type: 'string', value: 'FILE', help: "the replicas there are, in Kafka's JSON" },
    brokers: {
      type: 'string',
      value: 'FILE',
      help: 'all brokers after the change and those to be removed: [{ id, rack?, capacity? }]',
    },
    add: { type: 'string', value: 'IDS', help: 'brokers that are new, such as 4,5; they hold nothing yet' },
    remove: { type: 'string', value: 'IDS', help: 'brokers that leave; their replicas move first' },
    sizes: {
      type: 'string',
      value: 'FILE',
      help: 'bytes of each partition: [{ topic, partition, bytes }]; the least bytes move then',
    },
    topics: {
      type: 'string',
      value: 'FILE|REGEX',
      help: "only these topics: Kafka's topics-to-move file (a name that ends in .json), or a pattern of whole names",
    },
    incoming: {
      type: 'string',
      value: 'BYTES/S',
      help: 'what a broker takes in at its busiest; throttles stay above it',
    },
    'moves-per-broker': {
      type: 'string',
      value: 'N',
      help: `replicas that come to one broker, or are served by one, at a time (default ${defaultMovesPerBroker})`,
    },
    notice: { type: 'string', value: 'zh|en', help: 'also print a notice to those whose topics move' },
    domain: { type: 'string', value: 'NAME', multiple: true, help: 'a business domain for the notice' },
    window: { type: 'string', value: 'TEXT', help: 'the time of the change for the notice' },
    json: { type: 'boolean', help: 'print the plan as one JSON document' },
  },
  examples: [
    'plimsoll ops kafka reassign --assignment examples/reassignment/current.json --brokers examples/reassignment/brokers.json --add 4',
    'plimsoll ops kafka reassign --assignment current.json --brokers brokers.json --remove 3 --sizes sizes.json --json',
    'plimsoll ops kafka reassign --assignment current.json --brokers brokers.json --topics "order-.*" --notice zh',
  ],

  async run({ options, stdout, signal }) {
    const language = readLanguage(options['notice']);
    const incoming = positive(options, 'incoming');
    const movesPerBroker = positive(options, 'moves-per-broker');
    if (movesPerBroker !== undefined && !Number.isInteger(movesPerBroker)) {
      throw new AppError('usage', `--moves-per-broker: ${movesPerBroker} is not a whole number`);
    }
    const assignment = await readInput(options, 'assignment', Assignment, signal);
    const brokers = await readInput(options, 'brokers', Brokers, signal);
    const sizes = options['sizes'] === undefined ? undefined : await readInput(options, 'sizes', Sizes, signal);
    const { problem, leftBehind } = buildProblem({
      assignment,
      brokers,
      sizes,
      add: readIds(options, 'add'),
      remove: readIds(options, 'remove'),
      isChosen: await readTopics(options['topics'], assignment, signal),
    });
    const plan = planReassignment(problem, {
      ...(incoming !== undefined && { incoming }),
      ...(movesPerBroker !== undefined && { movesPerBroker }),
    });
    const findings = planFindings(problem, plan, { leftBehind, incoming });
    const domains = Array.isArray(options['domain']) ? (options['domain'] as string[]) : [];
    const window = typeof options['window'] === 'string' ? options['window'] : undefined;
    const notice = language && renderNotice(plan, { domains, window }, language);
    if (options['json'] === true) {
      const { slack: _, ...told } = plan;
      const document = { schemaVersion, ...told, findings, ...(notice !== undefined && { notice }) };
      stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
    } else {
      stdout.write(planText(plan, findings) + (notice === undefined ? '' : `\n${notice}`));
    }
    return exitCodes.answered;
  },
} satisfies Command;

async function readInput<Schema extends Parameters<typeof parseFile>[1]>(
  options: CommandIo['options'],
  name: string,
  schema: Schema,
  signal: AbortSignal,
) {
  const path = options[name];
  if (typeof path !== 'string') {
    throw new AppError('usage', `--${name} is missing: a plan needs the file`, {
      hint: 'docs/reassignment.md shows each file; examples/reassignment has them',
    });
  }
  return parseFile<Schema>(await readBounded(path, { signal }), schema, path);
}

function readIds(options: CommandIo['options'], name: string): number[] {
  const text = options[name];
  if (typeof text !== 'string') return [];
  const wrong = text.split(',').find((part) => !/^\d{1,10}$/.test(part.trim()));
  if (wrong === undefined) return [...new Set(text.split(',').map(Number))];
  throw new AppError('usage', `--${name}: ${JSON.stringify(wrong)} is no id of a broker`, {
    hint: 'write it like 4,5',
  });
}

function positive(options: CommandIo['options'], name: string): number | undefined {
  const value = numberOption(options, name);
  if (value === undefined || value > 0) return value;
  throw new AppError('usage', `--${name}: ${value} is not above 0`);
}

function readLanguage(given: CommandIo['options'][string]): NoticeLanguage | undefined {
  if (given === undefined) return undefined;
  const language = noticeLanguages.find((each) => each === given);
  if (language !== undefined) return language;
  throw new AppError('usage', `--notice ${String(given)}: a notice is written in ${noticeLanguages.join(' or ')}`);
}

async function readTopics(
  given: CommandIo['options'][string],
  { partitions }: Assignment,
  signal: AbortSignal,
): Promise<((topic: string) => boolean) | undefined> {
  if (typeof given !== 'string') return undefined;
  if (given.endsWith('.json')) {
    const { topics } = parseFile(await readBounded(given, { signal }), TopicsToMove, given);
    const chosen = new Set(topics.map(({ topic }) => topic));
    const known = new Set(partitions.map(({ topic }) => topic));
    const strange = [...chosen].find((topic) => !known.has(topic));
    if (strange !== undefined) {
      const meant = nearest(strange, known);
      throw new AppError('usage', `${given} names topic ${strange}, which the assignment does not have`, {
        hint: meant === undefined ? 'the assignment holds the topics there are' : `did you mean ${meant}?`,
      });
    }
    return (topic) => chosen.has(topic);
  }
  try {
    const pattern = new RegExp(`^(?:${given})$`);
    return (topic) => pattern.test(topic);
  } catch (cause) {
    throw new AppError('usage', `--topics ${given}: ${(cause as Error).message}`, { cause });
  }
}
