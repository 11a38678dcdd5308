// Reports whether the service runs and can read its history.

import { z } from 'zod';
import { operation, schemaVersion } from '../operation.ts';

export const healthz = operation({
  path: '/healthz',
  id: 'getHealth',
  summary: 'Health of the service: whether it answers and can read its history.',
  answer: z.strictObject({
    schemaVersion: z.literal(1),
    status: z.literal('ok'),
    revision: z.number().int().nonnegative().describe('version of the history: increases with every entry'),
  }),
  madeOf: 'moment',
  faults: ['ledger-damaged'],

  answerTo(_request, { history }) {
    return { schemaVersion, status: 'ok' as const, revision: history.revision() };
  },
});
