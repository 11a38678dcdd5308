// Builds the error for a static topic of RocketMQ 5, whose queues are mapped to queues of several brokers.

import { AppError } from '../../core/errors.ts';

export const staticTopic = (topic: string): AppError =>
  new AppError('unsupported-broker', `${topic} is a static topic, whose queues are mapped to brokers`, {
    hint: 'use mqadmin for it: Plimsoll does not read the mapping of its queues',
  });
