import { expect, test } from 'vitest';
import type { JournalLine } from '../../../../core/documents/run-bundle.ts';
import { accountOf, logEnds, numbers, resumed, sent } from '../../../support/delivery-check-lines.ts';

/** Three more messages in the log than the run recorded. */
const agreementOf = async (...more: JournalLine[]) =>
  (await accountOf([logEnds(0), sent('acknowledged', numbers(10)), ...more, logEnds(13)], { groups: [] })).agreement;

test('after the loss of a worker, or a kill of the run, the log may hold messages that were not recorded', async () => {
  expect(await agreementOf()).toMatchObject({ agrees: false });
  const agrees = { agrees: true, note: expect.stringContaining('is not recorded') as string };
  const lost = {
    kind: 'worker-lost',
    elapsedSeconds: 5,
    worker: 'producer-0',
    reason: 'killed',
    share: 'moved',
  } as const;
  expect(await agreementOf(lost)).toMatchObject(agrees);
  expect(await agreementOf(resumed)).toMatchObject(agrees);
});

test('a run that was stopped and resumed has recorded every message', async () => {
  expect(await agreementOf(logEnds(10), resumed)).toMatchObject({ agrees: false });
});
