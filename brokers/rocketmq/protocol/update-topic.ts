// Encodes UPDATE_AND_CREATE_TOPIC (17), which creates or changes a topic on a master.

import { answered } from './answered.ts';
import type { Request, Response } from './frame.ts';

interface UpdateTopic {
  topic: string;
  readQueues: number;
  writeQueues: number;
  /** 5.x, such as `message.type`: DELAY; brokers of 4.9 do not look at it. */
  attributes: Readonly<Record<string, string>>;
}

/*
 * Request fields   topic, defaultTopic
 *                  readQueueNums, writeQueueNums  int32
 *                  perm                           int32, 4 read + 2 write
 *                  topicFilterType                SINGLE_TAG
 *                  topicSysFlag                   int32
 *                  order                          true or false
 *                  attributes                     +name=value joined by commas, 5.x
 * Response         nothing
 */

export function encodeUpdateTopic({ topic, readQueues, writeQueues, attributes }: UpdateTopic): Request {
  const added = Object.entries(attributes).map(([name, value]) => `+${name}=${value}`);
  return {
    code: 17,
    fields: {
      topic,
      defaultTopic: topic,
      readQueueNums: String(readQueues),
      writeQueueNums: String(writeQueues),
      perm: '6',
      topicFilterType: 'SINGLE_TAG',
      topicSysFlag: '0',
      order: 'false',
      ...(added.length > 0 && { attributes: added.join(',') }),
    },
  };
}

/** @throws AppError */
export function parseUpdateTopic(response: Response): void {
  answered(response, 'creation of a topic (17)');
}
