// Parses a topic with an optional list of partitions or queues: `orders:0,3-5`.

import { AppError } from '../../core/errors.ts';

export interface WantedTopic {
  topic: string;
  /** Absent: all. RocketMQ queue ids apply to every broker. */
  partitions?: readonly number[];
}

const item = /^(\d{1,6})(?:-(\d{1,6}))?$/;

/** A colon separates the list, because names in Kafka and RocketMQ have none. @throws AppError usage */
export function wantedTopic(text: string): WantedTopic {
  const [topic = '', list, more] = text.split(':');
  const refuse = (why: string) =>
    new AppError('usage', `--topic ${text}: ${why}`, {
      hint: 'expected --topic orders, or --topic orders:0,3-5 for some partitions',
    });
  if (topic === '' || more !== undefined) throw refuse('not the name of a topic with a list of partitions');
  if (list === undefined) return { topic };
  const partitions = list.split(',').flatMap((part) => {
    const [, first, last = first] = item.exec(part) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === undefined || to < from)
      throw refuse(`${JSON.stringify(part)} is not a partition or a range of partitions`);
    return Array.from({ length: to - from + 1 }, (_, k) => from + k);
  });
  return { topic, partitions: [...new Set(partitions)].toSorted((a, b) => a - b) };
}
