// Declares `plimsoll ops kafka delete-records`.

import { wholeSnapshot } from '../../app/change/administration/whole-snapshot.ts';
import { AppError } from '../../core/errors.ts';
import { momentOf } from '../../ops/offsets/moment.ts';
import {
  deleteRecords,
  planDeleteRecords,
  unreadRecords,
  type DeleteRecordsFacts,
  type DeleteRecordsSpec,
} from '../../ops/kafka/topics/delete-records.ts';
import { storedIn } from '../../ops/kafka/topics/stored-messages.ts';
import { deletionOptions, kafkaAdministrationOptions, topicOption } from '../change/administration-options.ts';
import { changeKafka } from '../kafka/change-kafka.ts';
import { defineCommand, flag, type IoOf, option, text, wholeNumber } from '../command.ts';

const options = {
  ...kafkaAdministrationOptions,
  topic: topicOption,
  partition: option('N', 'only this partition', wholeNumber(0, 1_000_000).optional()),
  'before-offset': text('N', 'delete what is stored before this offset; needs --partition'),
  'before-time': text('TIME', 'delete what was stored before this time (with zone)'),
  all: flag('delete all that is stored now; the topic, its settings and offsets stay'),
  'accept-readers': flag('also delete what consumer groups have not read'),
  ...deletionOptions,
};

export const opsKafkaDeleteRecordsCommand = defineCommand({
  options,
  examples: [
    'plimsoll ops kafka delete-records --cluster orders --topic order-paid --partition 3 --before-offset 1042',
    'plimsoll ops kafka delete-records --cluster orders --topic order-paid --before-time 2026-11-11T00:00:00+08:00 --execute',
  ],

  async run(io) {
    const { topic, partition, resume, abort, 'accept-readers': acceptReaders } = io.options;
    const before = resume || abort ? { kind: 'end' as const } : beforeOf(io);
    const spec = { topic, acceptReaders, ...(partition !== undefined && { partition }) };
    return changeKafka<DeleteRecordsFacts>(io, (tools, cluster) => ({
      kind: deleteRecords,
      subject: topic,
      deletes: topic,
      async plan(within, shown) {
        // Records stored after the plan was shown are not part of it.
        const ends = shown && new Map(shown.partitions.map((each) => [each.partition, BigInt(each.before)]));
        const upTo = before.kind === 'end' && ends !== undefined ? { ...before, ends } : before;
        return planDeleteRecords(tools, { ...spec, before: upTo }, await wholeSnapshot(cluster, within), within);
      },
      async recheck(facts, within) {
        const starts = (await storedIn(tools.admin, topic, within))?.starts ?? new Map<number, bigint>();
        return unreadRecords(facts, starts, await wholeSnapshot(cluster, within), acceptReaders);
      },
    }));
  },
});

/** @throws AppError usage unless exactly one is given */
function beforeOf({
  options: given,
  clock,
}: Pick<IoOf<typeof options>, 'options' | 'clock'>): DeleteRecordsSpec['before'] {
  const { 'before-offset': offset, 'before-time': time, all, partition } = given;
  if ([offset !== undefined, time !== undefined, all].filter(Boolean).length !== 1) {
    throw new AppError('usage', 'up to where? give one of --before-offset, --before-time and --all');
  }
  if (all) return { kind: 'end' };
  if (time !== undefined)
    return { kind: 'time', atMs: momentOf(time, 'before-time', clock.now(), '--all deletes all') };
  if (offset === undefined || !/^\d{1,19}$/.test(offset)) {
    throw new AppError('usage', `--before-offset ${offset}: an offset is a whole number, 0 or more`);
  }
  if (partition === undefined)
    throw new AppError('usage', '--before-offset needs --partition: an offset belongs to a partition');
  return { kind: 'offset', offset: BigInt(offset) };
}
