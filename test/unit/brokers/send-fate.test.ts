import { expect, test } from 'vitest';
import { AppError } from '../../../core/errors.ts';
import { fateOfFailure } from '../../../brokers/send-fate.ts';

test.each([
  ['a refusal', new AppError('broker-refused', 'cannot send: NOT_ENOUGH_REPLICAS, too few'), 'refused'],
  ['a busy broker', new AppError('broker-busy', 'TIMEOUT_CLEAN_QUEUE'), 'refused'],
  ['a log without its replicas', new AppError('broker-refused', 'NOT_ENOUGH_REPLICAS_AFTER_APPEND'), 'unknownFate'],
  ['a disk that was late', new AppError('broker-refused', 'with acks all: stored there, but late'), 'unknownFate'],
  [
    'a DLedger leader whose followers were late',
    new AppError(
      'broker-refused',
      'SEND answered with code 1: [PC_SYNCHRONIZED]broker busy, start flow control for a while',
    ),
    'unknownFate',
  ],
  ['an unknown error', new AppError('broker-refused', 'SEND answered with code 1: UNKNOWN_ERROR'), 'unknownFate'],
  ['a lost connection', new AppError('broker-unreachable', 'the connection was closed'), 'unknownFate'],
  ['a defect', new TypeError('x'), 'unknownFate'],
])('outcome of a send that ended with %s', (_, error, fate) => expect(fateOfFailure(error)).toBe(fate));
